// Preloaded into a service: its parent asks whether a text is in its memory. The heap is written without garbage.
import { writeHeapSnapshot } from 'node:v8'

process.on('message', ({ heap }) => {
  if (heap) process.send({ heap: writeHeapSnapshot(heap) })
})
