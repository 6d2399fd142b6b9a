/** The introduction of the AsyncAPI document: the rules that no schema can say. */
export const rules = `Countermand cancels orders over four services. Upstream services publish to
\`orders.placed.v1\`, \`shipments.tracking.v1\`, \`inventory.stock.v1\` and \`orders.cancel-requests.v1\`, and listen to
\`orders.cancellations.v1\` and \`payments.refunds.v1\`. A shop that keeps its own order, inventory, logistics or payment
system takes part by reading that service's commands and answering them.

**Messages** are CloudEvents 1.0 in Kafka's binary mode: attributes in \`ce_*\` headers, a JSON object as value. Structured
mode is read too: with \`content-type: application/cloudevents+json\`, or, as some libraries send it, with the content type of its data or none and
without any \`ce_*\` header; bytes in \`data_base64\` as well. The key is the data's \`orderId\` (for \`stock.received.v1\`
its \`sku\`), partitioned by murmur2 as Java's and kafkajs' producers do (librdkafka: \`partitioner=murmur2_random\`); any other key
makes a dead letter. \`traceparent\` is carried along. Amounts are integers in minor units of the currency. Fields that a
schema does not name are ignored; a field that may be absent may be \`null\`, which means the same.

**Text** is well-formed Unicode without U+0000. **Ids** are 1 to 128 printable characters (UTF-16 units): \`#1001\`, \`O'Brien\` and \`Ü-7\` are ids; one
with control characters, line or paragraph separators, characters that embed, override or isolate directions, or half of a surrogate pair makes
a dead letter. Who prints an id into a command quotes it.

**Dead letters.** A message that cannot be used goes to \`<topic>.dlq\` at once, as it was (key, headers and value byte for byte), with the reason in words, and the messages
behind it are processed. It does not count as seen: an operator may send it again, with the same \`ce_id\`, or with another value and
another \`ce_id\`. That is done in Kafka transactions: consumers read with \`isolation.level=read_committed\`.

# Rules for participants

1. **Answer where the command says**: to the topic of \`reply-topic\`, the partition of \`reply-partition\` when it is there, with the
   header \`reply-to\` given back as it came. It is opaque. The key of an answer is the \`orderId\`; its data adds \`orderId\`, \`requestId\`
   and \`commandId\` to its own fields, and its \`ce_type\` is the answer's name.
2. **A command is named** \`<orderId>/<requestId>/<step>/<do|undo>/<round>\` (\`%\` and \`/\` inside a part are written \`%25\` and \`%2F\`). The
   same name again is a **duplicate**: nothing is done twice, and the stored answer is sent to the headers of the duplicate.
3. **A round** is a new attempt that a person decided on. A higher round of the same step is decided anew; money and parcels that the
   earlier round moved stay moved.
4. **Undone beats done.** An undo of what never happened is answered \`NothingToUndo\`, or as if it had been done, and leaves a
   **tombstone**: a do of the same request with the same or a lower round that comes later is answered \`Undone\` and not done. Do, undo, and
   duplicates of both, in any order, come to one outcome.
5. **\`StepPending\` means accepted**: the command will be answered once more, to its latest asker. It is never the stored answer. A duplicate
   that comes meanwhile is answered \`StepPending\` again.
6. **A business "no" is an answer; a technical failure is retried** by the participant, and answered \`StepFailed\` when its attempts are used
   up. A command that cannot be read is a dead letter and is answered \`CommandRejected\`.
7. **Too early is not wrong.** A command for an order that was not heard of waits for it, for \`ORDER_PATIENCE\`, before it is
   answered, and holds up no other order meanwhile.
8. **State, answer and offset**: the state and the stored answer change in one transaction; the offset moves after it.
`
