/** Seconds between the turns of an organisation's jobs. */
const apart = 1
/** Seconds by which the jobs of a pass come after those that people wait for, and by which any job may come later. */
const [behind, most] = [600, 3_600]
/** Seconds from 1970 to 2026: pg-boss keeps a priority in 32 bits. */
const begin = 1_767_225_600

/**
 * Who shares the turns with this person: their organisation, as the ids of its people begin. The mailboxes on Exchange servers
 * are of the deployment's own organisation: their ids do not say which server has them.
 */
export const lineOf = (subject: string) => subject.slice(0, subject.lastIndexOf(':') + 1)

/**
 * In which order jobs run, so that the many jobs of one organisation do not delay the few of another: by their turns,
 * which are seconds of time. An organisation's first job has its turn now, and each further one a second later. So a job
 * goes before what others have stored beyond their second, and none waits behind jobs that came an hour later
 * ("VirtualClock", L. Zhang, 1990). Each process counts for itself.
 */
export function turns(now = () => Date.now() / 1000) {
  const last = new Map<string, number>()

  function next(line: string, from: number): number {
    const turn = Math.min(Math.max(from, (last.get(line) ?? 0) + apart), now() + most)
    // The oldest entry is the first. Once its turn has passed, it says nothing.
    last.delete(line)
    last.set(line, turn)
    for (const [oldest, its] of last) {
      if (its + apart > now()) break
      last.delete(oldest)
    }
    return turn
  }

  /** As pg-boss has it: the highest number comes first. */
  const priorityAt = (turn: number) => begin - Math.ceil(turn)

  return {
    /** `startAfter`: seconds. */
    priorityOf(organisation: string, isPass: boolean, startAfter = 0): number {
      if (startAfter > 0) return priorityAt(now() + startAfter + Math.min(startAfter, most))
      return priorityAt(isPass ? next(`${organisation} pass`, now() + behind) : next(organisation, now()))
    },

    /** Below it no job is due: what waits for tomorrow is not looked through. A minute for clocks that differ. */
    lowest: () => priorityAt(now() + most + 60),
  }
}
