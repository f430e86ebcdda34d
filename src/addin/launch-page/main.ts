import { compose } from '../compose.ts'
import { associate } from '../launch-event/handlers.ts'

const addIn = compose()

/** Launch events where Outlook gives us a page: the person is signed in silently, or not at all. */
associate({
  needs: () => addIn.following(),
  addToNew: addIn.addToNew,
})

Office.onReady()
