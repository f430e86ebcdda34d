import { compose } from '../compose.ts'

const addIn = compose()

/** The manifest's names for what its buttons do. A button has no page of its own: the line above the appointment speaks. */
Office.actions.associate('addZoomMeeting', async (event: Office.AddinCommands.Event) => {
  try {
    await addIn.addZoomMeeting()
  } catch (problem) {
    console.warn(problem)
  } finally {
    event.completed()
  }
})

Office.onReady()
