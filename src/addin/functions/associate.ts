/** The functions that Outlook calls in a page, by their names in the manifest. */
export const functionNames = [
  'addZoomMeeting',
  'onAppointmentSend',
  'onAppointmentChanged',
  'onNewAppointment',
] as const

type FunctionName = (typeof functionNames)[number]

export type OutlookFunction = (event: Office.MailboxEvent) => void

declare global {
  interface Window {
    /** Gives `main.ts` the functions of the page's module. */
    associated: Partial<Record<FunctionName, (act: OutlookFunction) => void>>
  }
}

/** Registers a function of the page, and carries out the calls that Outlook made before. */
export function associate(name: FunctionName, act: OutlookFunction): void {
  Office.actions.associate(name, act)
  window.associated[name]?.(act)
}
