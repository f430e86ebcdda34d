/** What a person reads while an app signs in: pages of the service. `{app}` is the app's name. */
export const appSignInSays = {
  title: 'Sign in to an app',
  asks: '{app} asks to use this service as you.',
  feed: 'It can read your calendar while you are signed in.',
  meetings: 'It can add Zoom meetings to your appointments, change them and remove them.',
  started: 'Continue only if you have just started this app yourself, on this device.',
  enterCode: 'Type the code that the app shows.',
  code: 'Code',
  shown:
    'Continue only if you have started the app yourself, and it shows this code. Nobody has a reason to send you one.',
  codeWrong: 'This did not work. Check the code, or start again in the app.',
  choose: 'How do you sign in?',
  entra: 'Sign in with Microsoft',
  zoom: 'Sign in with Zoom',
  continue: 'Continue',
  cancel: 'Cancel',
  signedIn: 'You are signed in. Return to the app.',
  failed:
    'This sign-in has ended, or the app asked for something that is not allowed. Start again in the app.',
} as const
