/**
 * The queues of jobs. `stately`: of the jobs with one key, one waits and one runs. A job that fails is tried again after
 * 2 s, 4 s, 8 s …, up to half an hour, for about five hours; then it is a dead letter for four weeks.
 */
export const queues = {
  dead: { name: 'dead-events', retentionSeconds: 28 * 24 * 3600, deleteAfterSeconds: 60 },
  events: {
    name: 'events',
    policy: 'stately',
    retryLimit: 20,
    retryDelay: 2,
    retryBackoff: true,
    retryDelayMax: 1_800,
    expireInSeconds: 60,
    deleteAfterSeconds: 60,
    deadLetter: 'dead-events',
  },
} as const
