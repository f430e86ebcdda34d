import { type Check, found } from './around.ts'

/** Seconds. A token of Entra may be as far off as that; Zoom's events five times as far. */
const tolerance = 60

/** Compares this machine's clock with the `Date` of what Microsoft and Zoom answer (RFC 9110, section 6.6.1). */
export const clock: Check = {
  async look({ settings }, signal) {
    const places = {
      Microsoft: `${settings.ENTRA_AUTHORITY}/common/v2.0/.well-known/openid-configuration`,
      Zoom: new URL(settings.ZOOM_OAUTH_URL).origin,
    }
    const differences = await Promise.all(
      Object.entries(places).map(async ([system, url]) => {
        const began = Date.now()
        const answer = await fetch(url, { redirect: 'manual', signal }).catch(() => undefined)
        await answer?.text()
        const theirs = Date.parse(answer?.headers.get('date') ?? '')
        const ours = (began + Date.now()) / 2
        return Number.isNaN(theirs) ? [] : [{ system, seconds: Math.round((ours - theirs) / 1000) }]
      }),
    )
    if (signal.aborted) throw signal.reason
    const known = differences.flat()
    const wrong = known.find(({ seconds }) => Math.abs(seconds) > tolerance)
    if (wrong) return found('clock_wrong', wrong)
    if (known.length === 0) return found('clock_unknown')
    return found('clock_right', { seconds: Math.max(...known.map(({ seconds }) => Math.abs(seconds))) })
  },
}
