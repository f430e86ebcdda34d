/** A permission of an API that people or administrators consent to. */
export interface PermissionScope {
  id: string
  value: string
  isEnabled: boolean
  type: 'User' | 'Admin'
}

/** An application object as Microsoft Graph shows it: the parts that decide who gets which token. */
export interface ApplicationObject {
  /** Graph's id of the object. `appId` is the client id. */
  id: string
  appId: string
  displayName: string
  identifierUris: readonly string[]
  spa: { redirectUris: readonly string[] }
  web: { redirectUris: readonly string[] }
  publicClient: { redirectUris: readonly string[] }
  api: {
    /** The version of the access tokens for its own API: null means 1. */
    requestedAccessTokenVersion: 1 | 2 | null
    oauth2PermissionScopes: readonly PermissionScope[]
    preAuthorizedApplications: readonly { appId: string; delegatedPermissionIds: readonly string[] }[]
  }
  appRoles: readonly { id: string; value: string }[]
  groupMembershipClaims: string | null
  optionalClaims: { accessToken: readonly { name: string }[] } | null
  requiredResourceAccess: readonly {
    resourceAppId: string
    resourceAccess: readonly { id: string; type: string }[]
  }[]
}

/** What an administrator has consented to for everybody, as Graph shows it ("oAuth2PermissionGrant resource type"). */
export interface PermissionGrant {
  id?: string
  consentType: 'AllPrincipals' | 'Principal'
  /** The service principal of the API. */
  resourceId?: string
  scope: string
}

/** Graph's ids in the simulated directory. */
const objectId = '0b1ec700-0000-4000-8000-000000000001'
/** The service principals of the application and of Microsoft Graph. */
export const principals = {
  own: '57a7e000-0000-4000-8000-000000000001',
  graph: '57a7e000-0000-4000-8000-000000000003',
}
/** What the organisation has consented to for everybody, where everything is as it should be. */
const usualGrants: readonly PermissionGrant[] = [
  { resourceId: principals.own, scope: 'access_as_user admin' },
  { resourceId: principals.graph, scope: 'Calendars.Read Calendars.ReadWrite offline_access' },
].map((grant, index) => ({ id: `consent-${index}`, consentType: 'AllPrincipals', ...grant }))

/**
 * The registration of an application, what its administrators change of it, and what they have consented to. Source:
 * Graph, "application resource type". `haveSecrets` hears which secrets count, as soon as somebody has made one here.
 */
export function createRegistrationObject(
  clientId: string,
  pages: readonly string[],
  servers: readonly string[],
  haveSecrets: (...secrets: string[]) => void,
) {
  const [address] = pages.map((uri) => new URL(uri).host)
  const bare: ApplicationObject = {
    id: objectId,
    appId: clientId,
    displayName: '',
    identifierUris: [],
    spa: { redirectUris: [] },
    web: { redirectUris: [] },
    publicClient: { redirectUris: [] },
    api: { requestedAccessTokenVersion: null, oauth2PermissionScopes: [], preAuthorizedApplications: [] },
    appRoles: [],
    groupMembershipClaims: null,
    optionalClaims: null,
    requiredResourceAccess: [],
  }
  const usual: ApplicationObject = {
    ...bare,
    displayName: 'Zoom for Outlook',
    identifierUris: [`api://${clientId}`],
    spa: { redirectUris: [...pages, ...(address ? [`brk-multihub://${address}`] : [])] },
    web: { redirectUris: servers },
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: ['access_as_user', 'admin'].map((value, index) => ({
        id: `5c09e000-0000-4000-8000-00000000000${index}`,
        value,
        isEnabled: true,
        type: value === 'admin' ? 'Admin' : 'User',
      })),
      preAuthorizedApplications: [],
    },
  }
  let current: ApplicationObject | undefined = usual
  /** Whether the directory has a service principal of it. */
  let isInDirectory = true
  const secrets: string[] = []
  const grants: PermissionGrant[] = structuredClone([...usualGrants])
  const restart = (...these: readonly PermissionGrant[]) => {
    secrets.length = 0
    grants.splice(0, grants.length, ...structuredClone([...these]))
  }
  return {
    /** Where nothing is registered, what Entra knows of it: nothing. */
    object: () => current ?? bare,
    exists: () => current !== undefined,
    isInDirectory: () => isInDirectory,
    /** What administrators have consented to for everybody. */
    grants,
    /** Whether nobody is asked before the application gets this permission of its own API. */
    isConsented(permission: string) {
      const { api } = current ?? bare
      const id = api.oauth2PermissionScopes.find(({ value }) => value === permission)?.id ?? ''
      return (
        api.preAuthorizedApplications.some(
          ({ appId, delegatedPermissionIds }) => appId === clientId && delegatedPermissionIds.includes(id),
        ) ||
        grants.some(
          ({ consentType, resourceId = principals.own, scope }) =>
            consentType === 'AllPrincipals' &&
            resourceId === principals.own &&
            scope.split(' ').includes(permission),
        )
      )
    },
    /** Another secret counts from now on. */
    addSecret(secret: string) {
      secrets.push(secret)
      haveSecrets(...secrets)
    },
    change(part: Partial<ApplicationObject>) {
      current = { ...(current ?? bare), ...part }
    },
    /** Somebody registers it: it has nothing but its name. */
    create(displayName: string) {
      current = { ...bare, displayName }
      return current
    },
    addToDirectory() {
      isInDirectory = true
    },
    /** Nobody has registered it yet. */
    remove() {
      current = undefined
      isInDirectory = false
      restart()
      haveSecrets()
    },
    reset() {
      current = usual
      isInDirectory = true
      restart(...usualGrants)
    },
  }
}

export type RegistrationObject = ReturnType<typeof createRegistrationObject>
