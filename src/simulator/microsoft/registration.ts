/** An application object as Microsoft Graph shows it: the parts that decide who gets which token. */
export interface ApplicationObject {
  appId: string
  identifierUris: readonly string[]
  spa: { redirectUris: readonly string[] }
  web: { redirectUris: readonly string[] }
  publicClient: { redirectUris: readonly string[] }
  api: {
    /** The version of the access tokens for its own API: null means 1. */
    requestedAccessTokenVersion: 1 | 2 | null
    oauth2PermissionScopes: readonly { value: string; isEnabled: boolean; type: 'User' | 'Admin' }[]
    preAuthorizedApplications: readonly { appId: string; delegatedPermissionIds: readonly string[] }[]
  }
}

/** What an administrator has consented to for everybody, as Graph shows it ("oAuth2PermissionGrant resource type"). */
export interface PermissionGrant {
  consentType: 'AllPrincipals' | 'Principal'
  scope: string
}

/** The registration of an application, and what its administrators change of it. Source: Graph, "application resource type". */
export function createRegistrationObject(clientId: string, pages: readonly string[]) {
  const [address] = pages.map((uri) => new URL(uri).host)
  const usual: ApplicationObject = {
    appId: clientId,
    identifierUris: [`api://${clientId}`],
    spa: { redirectUris: [...pages, ...(address ? [`brk-multihub://${address}`] : [])] },
    web: { redirectUris: [] },
    publicClient: { redirectUris: [] },
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: ['access_as_user', 'admin'].map((value) => ({
        value,
        isEnabled: true,
        type: value === 'admin' ? 'Admin' : 'User',
      })),
      preAuthorizedApplications: [],
    },
  }
  let current = usual
  return {
    object: () => current,
    change(part: Partial<ApplicationObject>) {
      current = { ...current, ...part }
    },
    reset() {
      current = usual
    },
  }
}

export type RegistrationObject = ReturnType<typeof createRegistrationObject>
