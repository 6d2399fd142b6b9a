import { minorUnitDigits } from '@countermand/contracts/currencies.ts'
import { formatAmount } from '@countermand/contracts/money.ts'
import type { Story } from '@countermand/workflows/operations/story/story.ts'
import type { TimelineEntry } from '@countermand/workflows/operations/story/timeline.ts'
import { z } from 'zod'
import { colours } from '../../terminal/colours.ts'
import { columns, outcomeText } from '../../terminal/print.ts'
import { deadlineText } from '../triage/describe.ts'
import { changeLines } from './changes.ts'

const time = (at: string): string => at.slice(0, 23).replace('T', ' ')

/** The beginnings of ids that tell them apart, of at least 8 characters. */
export const shortened = (ids: readonly string[]): Map<string, string> => {
  const unique = [...new Set(ids)]
  const tells = (length: number) => new Set(unique.map((id) => id.slice(0, length))).size === unique.length
  let length = 8
  while (!tells(length)) length += 1
  return new Map(unique.map((id) => [id, id.slice(0, length)]))
}

const amountText = (amount: number, currency: string): string =>
  formatAmount(amount, currency, minorUnitDigits(currency))

const arrows = {
  ...{ request: '→', command: '→', answer: '←', event: '·', 'dead-letter': '✗' },
  ...{ run: '■', activity: '▸', signal: '⚑', update: '⚑' },
} as const

/** What it takes to tell of an entry. */
interface Reading {
  readonly currency: string
  /** Short names of the requests, by id. */
  readonly requests: ReadonlyMap<string, string>
}

const tellingFacts = [
  ...['message', 'error', 'outcome', 'code', 'state', 'status', 'amount', 'what'],
  ...['summary', 'lane', 'decision', 'to', 'by', 'onBehalfOf', 'operator', 'reason', 'says', 'startedAgainBy'],
]

const deadLetter = z.object({ reason: z.string(), error: z.string() })

const factText = (key: string, value: unknown, currency: string): string[] => {
  if (typeof value === 'object' || value === undefined) return []
  return [`${key}: ${key === 'amount' && typeof value === 'number' ? amountText(value, currency) : value}`]
}

const detailOf = ({ kind, name, data, round }: TimelineEntry, currency: string): string => {
  const buried = kind === 'dead-letter' ? deadLetter.safeParse(data).data : undefined
  if (buried !== undefined) return `${buried.reason}: ${buried.error}`
  const facts = typeof data === 'object' && data !== null ? Object.entries(data) : []
  const telling = facts.filter(([key]) => tellingFacts.includes(key))
  const record = name === 'RecordCancellation' ? facts.find(([key]) => key === 'key') : undefined
  return [
    ...(round !== null && round > 1 ? [`round ${round}`] : []),
    ...(record === undefined ? [] : [String(record[1])]),
    ...telling.flatMap(([key, value]) => factText(key, value, currency)),
  ].join(', ')
}

const entryRow = (entry: TimelineEntry, { currency, requests }: Reading): string[] => [
  colours.dim(time(entry.at)),
  ...(requests.size < 2 ? [] : [colours.dim(requests.get(entry.requestId ?? '') ?? '')]),
  entry.service,
  `${arrows[entry.kind]} ${entry.direction === 'undo' && entry.kind === 'command' ? colours.yellow(`undo ${entry.name}`) : entry.name}`,
  detailOf(entry, currency),
]

const currencyOf = (story: Story): string => story.order?.currency ?? story.payment.refunds[0]?.currency ?? 'XXX'
const money = (story: Story, amount: number): string => amountText(amount, currencyOf(story))

/** Whether what comes next alarms anybody: to wait, and to go on, is healthy. */
export const alarms = (next: string): boolean => !/^(waits for|goes on)\b/.test(next)

/** What is wrong in red; what can be done about it is to be read, and to be copied. */
const nextText = (next: string): string => {
  const [first = '', ...more] = next.split('\n')
  return [alarms(next) ? colours.red(first) : first, ...more].join('\n')
}

const headLines = (story: Story): string[][] => {
  const { order } = story
  const status =
    order === null
      ? 'not known'
      : [order.status, ...(order.statusBefore ? [`before: ${order.statusBefore}`] : [])].join(', ')
  const why = [story.code, story.stage === null ? null : `stage ${story.stage}`]
    .filter((each) => each !== null)
    .join(', ')
  return [
    [colours.bold('order'), `${story.orderId}  ${status}`],
    ...(story.requests.length < 2
      ? [[colours.bold('request'), story.requestId ?? 'none']]
      : story.requests.map(({ requestId, outcome }) => [
          colours.bold('request'),
          `${requestId}  ${outcomeText(outcome)}${requestId === story.requestId ? '  (the latest, told of here)' : ''}`,
        ])),
    // Of a request that no service has heard of, only its run can say what comes of it.
    ...(story.requests.length === 0
      ? []
      : [[colours.bold('outcome'), `${outcomeText(story.outcome)}${why === '' ? '' : `  (${why})`}`]]),
    ...(story.next === null ? [] : [[colours.bold('next'), nextText(story.next)]]),
    ...(story.deadline === null ? [] : [[colours.bold('deadline'), deadlineText(story.deadline)]]),
    ...(story.temporalUrl === null ? [] : [[colours.bold('Temporal'), story.temporalUrl]]),
  ]
}

/** Lines of a parcel that are told one by one. */
const mostUnits = 3

const stateLines = (story: Story): string[][] => [
  ...changeLines(story.order).map((text) => [colours.bold('change'), text]),
  ...story.stock.map((line) => {
    const places = {
      reserved: line.reserved,
      aside: line.aside,
      shipped: line.shipped,
      'on sale': line.onSale,
      'written off': line.writtenOff,
    }
    const where = Object.entries(places).flatMap(([place, count]) => (count > 0 ? [`${count} ${place}`] : []))
    return [colours.bold('stock'), `line ${line.lineId}  ${line.sku}  ${where.join(', ')}`]
  }),
  ...story.shipments.map(({ shipmentId, carrier, trackingNumber, status, lines, stops }) => [
    colours.bold('parcel'),
    [
      `${shipmentId}  ${carrier} ${trackingNumber}  ${status}`,
      ...(lines ?? []).slice(0, mostUnits).map(({ lineId, quantity }) => `${quantity} of line ${lineId}`),
      ...(lines !== null && lines.length > mostUnits ? [`and of ${lines.length - mostUnits} lines more`] : []),
      ...stops.map(({ state, failure }) => `${state}${failure ? ` (${failure})` : ''}`),
    ].join(', '),
  ]),
  ...story.payment.tenders.map((tender) => [
    colours.bold('tender'),
    `${tender.tenderId}  ${tender.channel} ${tender.paymentRef}  captured ${money(story, tender.captured)}, refunded ${money(story, tender.refunded)}`,
  ]),
  ...story.payment.refunds.map((refund) => [
    colours.bold('refund'),
    `${refund.tenderId}  ${money(story, refund.amount)} → ${refund.destination}  ${refund.state}${refund.failure ? `: ${refund.failure}` : ''}`,
  ]),
]

/** One that was dealt with alarms nobody. */
const letterLine = ({ id, reason, error, state, failedAgainAs }: Story['deadLetters'][number]): string => {
  const text = `dead letter ${id}  ${reason}: ${error}`
  if (state === 'open') return colours.red(text)
  return colours.dim(`${text}  (${state === 'failed-again' ? `redriven, failed again as ${failedAgainAs}` : state})`)
}

/** For people: what it came to, where everything is, and the timeline. */
export const describeStory = (story: Story): string => {
  const ids = story.timeline.flatMap(({ requestId }) => (requestId === null ? [] : [requestId]))
  const reading = { currency: currencyOf(story), requests: shortened(ids) }
  return [
    columns([...headLines(story), ...stateLines(story)]),
    '',
    columns(story.timeline.map((entry) => entryRow(entry, reading))),
    ...story.deadLetters.map(letterLine),
  ].join('\n')
}
