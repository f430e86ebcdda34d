import { asProblem } from '../../browser/as-problem.ts'
import { compose } from '../compose.ts'
import { associate } from '../functions/associate.ts'
import { associateHandlers } from '../launch-event/handlers.ts'
import { speakAsOutlook } from '../texts/i18n.ts'
import { launchTexts } from '../texts/launch.ts'
import { says } from '../texts/says.ts'

const addIn = compose()

/** Launch events in an Outlook that runs them in a page. Here a sign-in can only be silent. */
Office.onReady(async () => {
  await speakAsOutlook()
  associateHandlers(associate, {
    needs: () => addIn.following(),
    addToNew: addIn.addToNew,
    says: (error) => says(asProblem(error)),
    texts: launchTexts.get(),
  })
})
