import { randomUUID } from 'node:crypto'

/** Entra's error codes and messages; `*` is a placeholder. Source: Entra, AADSTS error codes. */
const rows = {
  90002: { error: 'invalid_tenant', says: "Tenant '*' not found." },
  700016: {
    error: 'unauthorized_client',
    says: "Application with identifier '*' was not found in the directory.",
  },
  50011: {
    error: 'invalid_request',
    says: "The redirect URI '*' does not match the redirect URIs configured.",
  },
  500112: {
    error: 'invalid_client',
    says: 'The reply address does not match the one the code was asked with.',
  },
  70011: {
    error: 'invalid_scope',
    says: "The provided value for the input parameter 'scope' is not valid: '*'.",
  },
  650053: {
    error: 'invalid_client',
    says: "The application asked for scope '*' that doesn't exist on the resource.",
  },
  900144: { error: 'invalid_request', says: "The request must contain the following parameter: '*'." },
  70003: { error: 'unsupported_grant_type', says: "The app requested an unsupported grant type '*'." },
  9002325: { error: 'invalid_request', says: 'Proof Key for Code Exchange is required for this redirect.' },
  9002327: {
    error: 'invalid_request',
    says: 'Tokens issued for a single-page application may only be redeemed via cross-origin requests.',
  },
  501481: { error: 'invalid_grant', says: 'The Code_Verifier does not match the code_challenge supplied.' },
  54005: { error: 'invalid_grant', says: 'OAuth2 Authorization code was already redeemed.' },
  70008: { error: 'invalid_grant', says: 'The provided authorization code or refresh token has expired.' },
  9002313: { error: 'invalid_grant', says: 'The provided authorization code or refresh token is malformed.' },
  50058: { error: 'login_required', says: 'A silent sign-in request was sent but no user is signed in.' },
  50020: { error: 'access_denied', says: "User account '*' does not exist in this tenant." },
  500200: {
    error: 'access_denied',
    says: "User account '*' is a personal Microsoft account. Personal Microsoft accounts are not supported for this application.",
  },
  7000215: { error: 'invalid_client', says: 'Invalid client secret provided.' },
  7000222: { error: 'invalid_client', says: 'The provided client secret keys are expired.' },
  500011: {
    error: 'invalid_resource',
    says: "The resource principal named '*' was not found in the tenant.",
  },
  1002012: {
    error: 'invalid_scope',
    says: "The provided value for scope '*' is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.",
  },
  7000112: { error: 'unauthorized_client', says: "Application '*' is disabled." },
  50013: { error: 'invalid_grant', says: 'Assertion failed signature validation.' },
  500131: {
    error: 'invalid_grant',
    says: 'Assertion audience does not match the client app presenting the assertion.',
  },
  500133: { error: 'invalid_grant', says: 'Assertion is not within its valid time range.' },
  50034: { error: 'invalid_grant', says: 'The user account does not exist in the directory.' },
  50173: {
    error: 'invalid_grant',
    says: 'The provided grant has expired due to it being revoked, a fresh auth token is needed.',
  },
  700082: { error: 'invalid_grant', says: 'The refresh token has expired due to inactivity.' },
  65001: {
    error: 'invalid_grant',
    says: "The user or administrator has not consented to use the application with ID '*'.",
  },
  50076: {
    error: 'interaction_required',
    says: 'Due to a configuration change made by your administrator, you must use multi-factor authentication.',
  },
  50079: {
    error: 'interaction_required',
    says: 'Due to a configuration change made by your administrator, you must enroll in multifactor authentication.',
  },
  65004: { error: 'access_denied', says: 'User declined to consent to access the app.' },
} as const satisfies Record<number, { error: string; says: string }>
export type ErrorNumber = keyof typeof rows

/** An error in the token endpoint's form. A redirect carries `error` and `error_description` only. */
export function entraError(number: ErrorNumber, about = '') {
  const { error, says } = rows[number]
  return {
    error,
    error_description: `AADSTS${number}: ${says.replace('*', about)}`,
    error_codes: [number],
    trace_id: randomUUID(),
    correlation_id: randomUUID(),
  }
}
