import { broadcastResponseToMainFrame } from '@azure/msal-browser/redirect-bridge'

/** Entra's answer arrives here, in a frame or window that MSAL opened, and goes to the page that waits for it. */
broadcastResponseToMainFrame()
