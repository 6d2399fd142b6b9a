import { standingAlarms } from '@countermand/contracts/alarms.ts'
import { visibleLine } from '@countermand/contracts/shown.ts'
import type { RequestFacts } from '@countermand/order/store/facts.ts'
import { z } from 'zod'
import { resolveCommand } from '../../src/protocol/words.ts'
import { attention } from '../reach/answers.ts'
import { runbookOf, whatItDoes } from './decisions.ts'
import type { TimelineEntry } from './timeline.ts'

/** As it was written down of a saga. */
const trouble = attention.pick({ reason: true, error: true, since: true, remedies: true })
const waiting = z.object({ decideBy: z.string(), onSilence: z.string() })

/** What needs a person, what each way out would do, the command for it, and the page about it. */
export const attentionText = (
  requestId: string,
  { reason, error, since, remedies }: z.infer<typeof trouble>,
  step?: string,
): string =>
  [
    `needs attention (${reason}) since ${since}: ${visibleLine(error)}`,
    ...remedies.flatMap((remedy) => [
      `${remedy}: ${whatItDoes(reason, remedy)}`,
      resolveCommand(requestId, remedy, step),
    ]),
    `runbook: ${runbookOf(reason)}`,
  ].join('\n')

/** The newest word of a kind that nothing newer has overtaken. */
const standing = (request: RequestFacts, what: string, over: readonly string[]) => {
  const latest = request.records.findLast(({ record }) => record.what === what || over.includes(record.what))
  return latest?.record.what === what ? latest.record : undefined
}

const parkedKey = /^attention\.(.+)-(do|undo)-\d+$/

/** All that needs attention; `undefined`: nothing does. Where it is several steps of an open request, each says which. */
const troublesOf = ({ requestId, records, outcome, endedAt }: RequestFacts): string | undefined => {
  const alarms = standingAlarms(records, endedAt ?? undefined)
  const isOne = alarms.length < 2 || outcome !== null
  const texts = (isOne ? alarms.slice(-1) : alarms).map(({ key, record }) => {
    const { data } = trouble.safeParse(record)
    return data === undefined
      ? 'needs attention for a reason that this version does not know: ask one that is as new as the orchestrator'
      : attentionText(requestId, data, isOne ? undefined : parkedKey.exec(key)?.[1])
  })
  return texts.length === 0 ? undefined : texts.join('\n')
}

const lastUnanswered = (timeline: readonly TimelineEntry[]): TimelineEntry | undefined => {
  const stepOf = ({ step, direction, round, requestId }: TimelineEntry) => [requestId, step, direction, round].join('/')
  const answered = new Set(timeline.filter(({ kind }) => kind === 'answer').map(stepOf))
  return timeline.findLast((entry) => entry.kind === 'command' && !answered.has(stepOf(entry)))
}

/** What a request waits for, in words; `null`: nothing, it has ended or there is none. */
export const nextOf = (request: RequestFacts | undefined, timeline: readonly TimelineEntry[]): string | null => {
  const trouble = request && troublesOf(request)
  if (trouble !== undefined) return trouble
  if (request?.outcome) return null
  const gate = request && waiting.safeParse(standing(request, 'awaiting-merchant', ['decided'])).data
  if (gate) return `waits for the merchant's decision until ${gate.decideBy} (then: ${gate.onSilence})`
  const open = lastUnanswered(timeline)
  if (open !== undefined) return `waits for ${open.service} to answer ${open.name}, asked at ${open.at}`
  return request === undefined ? null : 'goes on'
}
