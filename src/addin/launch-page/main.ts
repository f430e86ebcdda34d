import { createPage } from '../compose.ts'
import { associate } from '../launch-event/handlers.ts'

const page = createPage()

/** Launch events where Outlook gives us a page: the person is signed in silently, or not at all. */
associate({
  needs: () => page.following(),
  addToNew: page.addToNew,
})

Office.onReady()
