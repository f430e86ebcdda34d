import { compose } from '../compose.ts'
import { associate } from '../launch-event/handlers.ts'

const addIn = compose()

/** Launch events in an Outlook that runs them in a page. Here a sign-in can only be silent. */
associate({
  needs: () => addIn.following(),
  addToNew: addIn.addToNew,
})

Office.onReady()
