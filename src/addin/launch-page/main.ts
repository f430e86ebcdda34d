import { asProblem } from '../../browser/as-problem.ts'
import { says } from '../../browser/says.ts'
import { compose } from '../compose.ts'
import { associate } from '../functions/associate.ts'
import { associateHandlers } from '../launch-event/handlers.ts'

const addIn = compose()

/** Launch events in an Outlook that runs them in a page. Here a sign-in can only be silent. */
associateHandlers(associate, {
  needs: () => addIn.following(),
  addToNew: addIn.addToNew,
  says: (error) => says(asProblem(error)),
})

Office.onReady()
