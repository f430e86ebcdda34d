import { broadcastResponseToMainFrame } from '@azure/msal-browser/redirect-bridge'

/** Entra redirects here, in a frame or window that MSAL opened. MSAL passes the response on to the page that waits for it. */
broadcastResponseToMainFrame()
