import type { AttentionReason } from './vocabulary.ts'

/** Which alarms of a request stand: what its records say needs a person, less what has taken that up since. Without a schema: workflow code loads it. */

/** A record as it is kept, as far as it matters here. */
export interface Recorded {
  readonly key: string
  readonly record: {
    readonly what: string
    readonly reason?: unknown
    readonly decision?: unknown
    readonly of?: unknown
  }
  /** ISO 8601. */
  readonly at: string
}

/** Who decides in the place of a person when what a step waited for comes after all: this, and the name of the event. */
export const newsPrefix = 'news:'

/** The round of a step that an alarm is about, by the key of its record. */
const parked = /^attention\.(.+-(do|undo))-(\d+)$/

const isAlarm = ({ record }: Recorded): boolean => record.what === 'needs-attention'

const isOfCode = ({ record }: Recorded): boolean => record.reason === 'workflow-task-failing'

/** What only a run can have said whose code can walk it; who closes a request for a run that is gone rejects inputs too. */
const provesThatItRuns = ({ key, record }: Recorded): boolean =>
  ['awaiting-merchant', 'decided', 'resolved', 'turning-back'].includes(record.what) || parked.test(key)

const isDecisionAbout = (alarm: Recorded, { key, record }: Recorded): boolean =>
  record.what === 'resolved' &&
  // One that comes too late leaves the step as it was; else its turn is recorded.
  record.decision !== 'undo' &&
  key.startsWith(`${alarm.key.replace(/^attention/, 'resolved')}.`)

/** Whether a later record takes an alarm up. */
const isOver = (alarm: Recorded, later: Recorded): boolean => {
  const { record } = later
  if (record.what === 'resumed') return record.of === alarm.key
  if (isOfCode(alarm)) return provesThatItRuns(later)
  const [, step, direction] = parked.exec(alarm.key) ?? []
  if (record.what === 'turning-back') return direction === 'do'
  return isDecisionAbout(alarm, later) || (step !== undefined && parked.exec(later.key)?.[1] === step)
}

/** The alarms that stand, the oldest first. `endedAt` (ISO 8601): when the request ended, which ends what was told before it. */
export const standingAlarms = <Each extends Recorded>(records: readonly Each[], endedAt?: string): Each[] =>
  records.reduce<Each[]>((standing, each) => {
    const left = standing.filter((alarm) => !isOver(alarm, each))
    const isMeant = endedAt === undefined || Date.parse(each.at) > Date.parse(endedAt)
    return isMeant && isAlarm(each) ? [...left, each] : left
  }, [])

/** What everybody may know of an alarm; what went wrong in each case is for those who run the system. */
export const publicWords: Readonly<Record<AttentionReason, string>> = {
  'step-failed': 'a step could not be done, and was not refused either',
  'undo-failed': 'what was done could not all be taken back',
  'refund-in-doubt': 'it is not known whether a refund has moved money',
  'refund-refused-after-pivot': 'a refund was refused after money had moved',
  'refund-overdue': 'a refund was accepted and has not settled in time',
  'refund-reversed': 'a refund came back after it had arrived',
  'refunded-twice': 'a refund was paid twice',
  'workflow-task-failing': 'its program cannot go on with it',
}
