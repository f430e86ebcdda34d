export const notLoaded = 'Zoom for Outlook has not loaded. Check your connection, and try again.'
