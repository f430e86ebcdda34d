import { functionNames, type OutlookFunction } from './associate.ts'

/** Milliseconds that an event waits for the page's module. */
const deadline = 10_000

/*
 * The functions that Outlook calls, as globals by their names in the manifest. Outlook may call one as soon as Office.js
 * has started. The page's module may still be loading then. Office.js would find no function, and Outlook would say that
 * it could not start the add-in. So this script runs before Office.js, and a call waits for the module.
 */
window.associated = {}
for (const name of functionNames) {
  const loaded = new Promise<OutlookFunction>((resolve) => {
    window.associated[name] = resolve
  })
  Object.assign(window, {
    [name]: (event: Office.MailboxEvent) => {
      // If the module cannot be loaded, an invitation is sent as it is.
      const late = new Promise<OutlookFunction>((resolve) =>
        setTimeout(resolve, deadline, () => event.completed({ allowEvent: true })),
      )
      return Promise.race([loaded, late]).then((act) => act(event))
    },
  })
}
