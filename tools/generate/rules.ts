import { participantRules } from './participant-rules.ts'
import { upstream } from './upstream.ts'

/** The introduction of the AsyncAPI document: the rules that no schema can say. */
export const rules = `Countermand cancels orders over four services. Upstream services publish to
\`orders.placed.v1\`, \`shipments.tracking.v1\`, \`inventory.stock.v1\`, \`payments.captures.v1\`, \`payments.credit-uses.v1\` and \`orders.cancel-requests.v1\`, and listen to
\`orders.cancellations.v1\`, \`payments.refunds.v1\`, \`payments.credits.v1\` and, where a carrier makes no labels by itself, \`shipments.labels.v1\`. A shop that keeps its own order, inventory, logistics or payment
system takes part by reading that service's commands and answering them.

**Messages** are CloudEvents 1.0 in Kafka's binary mode: attributes in \`ce_*\` headers, a JSON object as value. Structured
mode is read too: with \`content-type: application/cloudevents+json\`, or, as some libraries send it, with the content type of its data or none and
without any \`ce_*\` header; bytes in \`data_base64\` as well. The key is the data's \`orderId\` (for \`stock.received.v1\`
its \`sku\`, for \`store-credit.spent.v1\` its \`accountId\`, for \`gift-card.changed.v1\` its \`giftCardId\`, for what operators ask of payment's books its \`reconciliationId\` or \`differenceId\`), partitioned by murmur2 as Java's and kafkajs' producers do (librdkafka: \`partitioner=murmur2_random\`); any other key
makes a dead letter. \`traceparent\` is carried along. Amounts are integers in minor units of the currency. Fields that a
schema does not name are ignored; a field that may be absent may be \`null\`, which means the same.

**Text** is well-formed Unicode without U+0000. **Ids** are 1 to 128 printable characters (UTF-16 units): \`#1001\`, \`O'Brien\` and \`Ü-7\` are ids; one
with control characters, line or paragraph separators, characters that embed, override or isolate directions, or half of a surrogate pair makes
a dead letter. Who prints an id into a command quotes it.

**Sizes.** An order has at most 500 lines, 50 tenders and 200 parcels, a request at most 500 lines, and a message at most 262,144 bytes. One that is larger makes a dead letter that says which
limit it passes. What it costs to cancel an order is in proportion to its lines, and nobody waits for another one's.

**Dead letters.** A message that cannot be used goes to \`<topic>.dlq\` at once, as it was (key, headers and value byte for byte), with the reason in words, and the messages
behind it are processed. It does not count as seen: an operator may send it again, with the same \`ce_id\`, or with another value and
another \`ce_id\`. That is done in Kafka transactions: consumers read with \`isolation.level=read_committed\`.

${upstream}
# Rules for participants

${participantRules}
`
