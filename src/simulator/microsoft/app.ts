/** The application that the service is registered as in Entra. */
export const clientId = '5c0e0000-0000-4000-8000-00000000add1'
/** The add-in's id in its manifest: Exchange keeps the custom properties of an item under it. */
export const addInId = '5b0c3c1e-6a0f-4f2e-9d64-2f7a4c1d8e35'
/** Its secret, with which it gets tokens on behalf of people. */
export const clientSecret = 'simulated-entra-client-secret'
/** The password of every account in the domain of the Exchange server. */
export const serverPassword = 'simulated password'
