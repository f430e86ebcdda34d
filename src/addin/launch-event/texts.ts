/** What the launch events say by themselves. The build makes a script of each language of these and of `launchProblems`. */
export const launchTexts = {
  behind: 'The Zoom meeting does not have your latest changes.',
  openSettings: 'Open Zoom settings',
  willFollow: 'The Zoom meeting will be updated when you send.',
}
