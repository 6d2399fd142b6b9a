import { formatAmount, minorUnitDigits } from '@countermand/contracts'
import pc from 'picocolors'
import { columns, outcomeText } from '../print.ts'
import type { Story } from './story.ts'
import type { TimelineEntry } from './timeline.ts'

const time = (at: string): string => at.slice(11, 23)

const arrows = {
  ...{ request: '→', command: '→', answer: '←', event: '·', 'dead-letter': '✗' },
  ...{ run: '■', activity: '▸', signal: '⚑', update: '⚑' },
} as const

const tellingFacts = [
  ...['message', 'error', 'outcome', 'code', 'state', 'status', 'amount', 'what'],
  ...['summary', 'lane', 'decision', 'by', 'reason', 'startedAgainBy'],
]

const detailOf = ({ kind, name, data, round }: TimelineEntry): string => {
  if (kind === 'dead-letter') return JSON.stringify(data)
  const facts = typeof data === 'object' && data !== null ? Object.entries(data) : []
  const telling = facts.filter(([key]) => tellingFacts.includes(key))
  const record = name === 'RecordCancellation' ? facts.find(([key]) => key === 'key') : undefined
  return [
    ...(round !== null && round > 1 ? [`round ${round}`] : []),
    ...(record === undefined ? [] : [String(record[1])]),
    ...telling.flatMap(([key, value]) =>
      typeof value === 'object' || value === undefined ? [] : [`${key}: ${value}`],
    ),
  ].join(', ')
}

const entryRow = (entry: TimelineEntry): string[] => [
  pc.dim(time(entry.at)),
  entry.service,
  `${arrows[entry.kind]} ${entry.direction === 'undo' && entry.kind === 'command' ? pc.yellow(`undo ${entry.name}`) : entry.name}`,
  detailOf(entry),
]

const money = (story: Story, amount: number): string => {
  const currency = story.order?.currency ?? 'XXX'
  return formatAmount(amount, currency, minorUnitDigits(currency))
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
    [pc.bold('order'), `${story.orderId}  ${status}`],
    [pc.bold('request'), story.requestId ?? 'none'],
    ...(story.requestId === null
      ? []
      : [[pc.bold('outcome'), `${outcomeText(story.outcome)}${why === '' ? '' : `  (${why})`}`]]),
    ...(story.next === null ? [] : [[pc.bold('next'), pc.red(story.next)]]),
    ...(story.temporalUrl === null ? [] : [[pc.bold('Temporal'), story.temporalUrl]]),
  ]
}

const stateLines = (story: Story): string[][] => [
  ...story.stock.map((line) => {
    const places = {
      reserved: line.reserved,
      aside: line.aside,
      shipped: line.shipped,
      'on sale': line.onSale,
      'written off': line.writtenOff,
    }
    const where = Object.entries(places).flatMap(([place, count]) => (count > 0 ? [`${count} ${place}`] : []))
    return [pc.bold('stock'), `line ${line.lineId}  ${line.sku}  ${where.join(', ')}`]
  }),
  ...story.shipments.map(({ shipmentId, carrier, trackingNumber, status, stops }) => [
    pc.bold('parcel'),
    [
      `${shipmentId}  ${carrier} ${trackingNumber}  ${status}`,
      ...stops.map(({ state, failure }) => `${state}${failure ? ` (${failure})` : ''}`),
    ].join(', '),
  ]),
  ...story.payment.tenders.map((tender) => [
    pc.bold('tender'),
    `${tender.tenderId}  ${tender.channel} ${tender.paymentRef}  captured ${money(story, tender.captured)}, refunded ${money(story, tender.refunded)}`,
  ]),
  ...story.payment.refunds.map((refund) => [
    pc.bold('refund'),
    `${refund.tenderId}  ${money(story, refund.amount)} → ${refund.destination}  ${refund.state}${refund.failure ? `: ${refund.failure}` : ''}`,
  ]),
]

/** For people: what it came to, where everything is, and the timeline. */
export const describeStory = (story: Story): string =>
  [
    columns([...headLines(story), ...stateLines(story)]),
    '',
    columns(story.timeline.map(entryRow)),
    ...story.deadLetters.map(({ id, reason, error }) => pc.red(`dead letter ${id}  ${reason}: ${error}`)),
  ].join('\n')
