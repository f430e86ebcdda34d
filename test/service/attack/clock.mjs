// Preloaded into a service of these tests: it ends with its parent, and its parent can move its clock.
let ahead = 0
const Real = Date
globalThis.Date = class extends Real {
  constructor(...given) {
    super(...(given.length > 0 ? given : [Real.now() + ahead]))
  }
  static now() {
    return Real.now() + ahead
  }
}
process.on('message', (milliseconds) => {
  ahead = milliseconds
  process.send('moved')
})
process.on('disconnect', () => process.exit())
