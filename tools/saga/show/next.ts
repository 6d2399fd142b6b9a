import { visibleLine } from '@countermand/contracts/shown.ts'
import { resolveCommand } from '@countermand/workflows/src/protocol/words.ts'
import { z } from 'zod'
import { runbookOf, whatItDoes } from './decisions.ts'
import type { RequestFacts } from './order.ts'
import type { TimelineEntry } from './timeline.ts'

const attention = z.object({ reason: z.string(), error: z.string(), since: z.string(), remedies: z.array(z.string()) })
type Attention = z.infer<typeof attention>
const waiting = z.object({ decideBy: z.string(), onSilence: z.string() })

/** What needs a person, what each way out would do, the command for it, and the page about it. */
export const attentionText = (
  requestId: string,
  { reason, error, since, remedies }: Attention,
  step?: string,
): string =>
  [
    `needs attention (${reason}) since ${since}: ${visibleLine(error)}`,
    ...remedies.flatMap((remedy) => {
      const does = whatItDoes(reason, remedy)
      return [...(does === undefined ? [] : [`${remedy}: ${does}`]), resolveCommand(requestId, remedy, step)]
    }),
    `runbook: ${runbookOf(reason)}`,
  ].join('\n')

/** The newest word of a kind that nothing newer has overtaken. */
const standing = (request: RequestFacts, what: string, over: readonly string[]) => {
  const latest = request.records.findLast(({ record }) => record.what === what || over.includes(record.what))
  return latest?.record.what === what ? latest.record : undefined
}

/** After the end of a request only a refund of its that ended otherwise, or a parcel that comes back, can need somebody. */
const mattering = (request: RequestFacts): RequestFacts =>
  request.outcome === null
    ? request
    : { ...request, records: request.records.filter(({ key }) => /\.(reversed|failed|twice|parcel)\./.test(key)) }

const parkedKey = /^attention\.(.+)-(do|undo)-\d+$/

/** What needs attention and nobody has decided about yet, by the key of its record; the newest last. */
const undecided = (request: RequestFacts) => {
  const { records } = mattering(request)
  const isDecided = (key: string) =>
    records.some((each) => each.key.startsWith(`${key.replace(/^attention/, 'resolved')}.`))
  return records.filter(
    ({ key, record }) => record.what === 'needs-attention' && parkedKey.test(key) && !isDecided(key),
  )
}

const troubleText = ({ requestId }: RequestFacts, record: unknown, step?: string): string | undefined => {
  const { data: trouble } = attention.safeParse(record)
  return trouble && attentionText(requestId, trouble, step)
}

/** All that needs attention; `undefined`: nothing does. Where it is several steps, each says which. */
const troublesOf = (request: RequestFacts): string | undefined => {
  const latest = standing(mattering(request), 'needs-attention', ['resolved'])
  const open = undecided(request)
  if (open.length < 2 || request.outcome !== null) {
    const only = open.length === 1 && request.outcome === null ? open[0]?.record : undefined
    return troubleText(request, latest ?? only)
  }
  return open.flatMap(({ key, record }) => troubleText(request, record, parkedKey.exec(key)?.[1]) ?? []).join('\n')
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
