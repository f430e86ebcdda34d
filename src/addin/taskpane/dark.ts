/** Loaded where Outlook or the system is dark. */
export { webDarkTheme as default } from '@fluentui/react-components'
