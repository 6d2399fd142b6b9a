import { eventNotes } from './event-notes.ts'

/** What somebody who publishes orders and cancel events has to know, and no schema can say. */

const story = Object.entries(eventNotes).filter(([name]) => name.startsWith('order.cancellation.'))

const endsIt = (name: string, summary: string): string => {
  if (summary.startsWith('An end:')) return '**yes**'
  return name === 'order.cancellation.input-rejected.v1' ? 'no; it may come without a request, and after an end' : 'no'
}

const rows = story.map(
  ([name, { summary }]) => `| \`${name}\` | ${summary.split('. ')[0]} | ${endsIt(name, summary)} |`,
)

export const upstream = `# For whoever asks for cancellations

**Which events end a request.** Of each request that was taken, \`orders.cancellations.v1\` tells exactly one end; whoever drops duplicates by \`ce_id\` sees it once.

| event | what it says | ends the request |
| --- | --- | --- |
${rows.join('\n')}

**Who is believed.** Whoever may write to \`orders.cancel-requests.v1\` may ask for a cancellation and take one back, in anybody's name: give the right to write there to your own services alone.
A decision (\`order.cancel.decided.v1\`) counts only when its \`by\` is the order's \`merchantId\`, or one of the policy \`DECISIONS_FROM\` (\`merchant\`, \`anyone\`, or ids); any other is answered
\`input-rejected\` with the code \`not-allowed\`. What comes about a request that never comes is answered \`unknown-request\` once \`ORDER_PATIENCE\` (10 s) has passed;
it still counts if it is published or delivered again once the request is there.

**How much a part gives back.** A unit of a line gives back its frozen share of the line (price − discount + tax); the last unit that is cancelled of a line takes what rounding left. Shipping and its tax go
back with the last unit of the order, and not before. However an order is cancelled, in whole or unit by unit, the refunds add up to what was paid.

**When nothing comes.** An order or a request that cannot be used has no event: it is in \`<topic>.dlq\`, with the reason in words in the header \`dlq-error\`. Watch \`orders.placed.v1.dlq\` and
\`orders.cancel-requests.v1.dlq\` with what you publish, or ask an operator for \`saga dlq list\`.

**Your consumers** too read with \`isolation.level=read_committed\` (kafkajs does by itself, librdkafka and Java's client want the setting): what a transaction has taken back was never said.

**To try it**, the sandbox behaves by the reference that it is given. Counts are of one tender or parcel; anything else succeeds at once.

| \`paymentRef\` of \`sandbox-card\` or \`sandbox-wallet\` | refund | \`trackingNumber\` of carrier \`sandbox\` | stopping it |
| --- | --- | --- | --- |
| \`pay_ok\` | succeeds at once | \`OK\` | by its status: label voided, intercepted, or refused |
| \`pay_slow_<ms>\` | pending, succeeds after it | \`SLOW-<ms>\` | accepted, intercepted after it |
| \`pay_refuse\` | refused for good, no money moved | \`REFUSE\` | the carrier says no |
| \`pay_flaky_<n>\` | n technical errors, then succeeds | \`FLAKY-<n>\` | n technical errors, then by its status |
| \`pay_lost_<n>\` | money moves, the answer is lost n times | \`LATE-<ms>\` | accepted, intercepted only after it, whoever still waits |
| \`pay_late_refuse_<ms>\` | pending, then refused | \`SILENT\` | accepted, and never heard of again |
| \`pay_reverse_<ms>\` | succeeds, reversed after it | \`NORESUME\` | at once; resuming fails until a second round |
| \`pay_down\` | technical errors until a second round | \`DOWN\` | technical errors until a second round |
`
