/** What every participant keeps, that no schema can say: in the AsyncAPI document, and on a page of its own. Markdown, one rule each. */
const rules = [
  `**Answer where the command says**: to the topic of \`reply-topic\`, the partition of \`reply-partition\` when it is there, with the header \`reply-to\` given
back as it came. It is opaque. The key of an answer is the \`orderId\`; its data adds \`orderId\`, \`requestId\` and \`commandId\` to its own fields, and its
\`ce_type\` is the answer's name.`,
  `**A command is named** \`<orderId>/<requestId>/<step>/<do|undo>/<round>\` (\`%\` and \`/\` inside a part are written \`%25\` and \`%2F\`). The same name again is a
**duplicate**: it is not done again, and gets the stored answer, at its own address: the answer goes to the latest asker. Stored means in the database: a
process started later answers the same.`,
  `**In one transaction**: the change, and the answer to be sent. Whatever dies after it, the answer is sent, and the offset moves only after it.`,
  `**Not at once?** Answer \`StepPending\`, and the final answer later, to the latest asker. \`StepPending\` is never stored; a duplicate meanwhile may be answered
with it.`,
  `**A business "no" is an answer** of the contract. What fails technically is tried again by you, then answered \`StepFailed\`.`,
  `**Undone beats done.** An undo restores what was before its step, also of a step that never ran: then it is answered \`NothingToUndo\`, or as if it had been
done. It leaves a **tombstone**: a do of the same request that comes later, of the same round or an earlier one, is answered \`Undone\` and not done. In whatever
order do and undo come, each twice, the outcome is one. Payment is the pivot: once money may have moved, \`ForbidRefund\` changes nothing and answers
\`MoneyMoved\`.`,
  `**The next round** of a do is a new command: the answer of the round before does not stand against it, and what was done is not done again.`,
  `**Too early is not wrong.** A command about an order not heard of waits until the order comes, or \`ORDER_PATIENCE\` has passed, and holds up nobody behind it.
An undo need not wait.`,
  `**What cannot be read** goes, as it was (key, headers and value byte for byte), to \`<topic>.dlq\`, with the headers \`dlq-reason\`, \`dlq-error\` (in words, at
most 2 KB), \`dlq-original-topic\`, \`dlq-original-partition\`, \`dlq-original-offset\`, \`dlq-attempts\`, \`dlq-failed-at\`, \`dlq-service\`; its asker, if it has one, is
answered \`CommandRejected\`; and the messages behind it are answered. It does not count as seen: an operator may send it again, with the same
\`ce_id\`, in a Kafka transaction (read with \`isolation.level=read_committed\`).`,
  `**Nobody is held up** by an asker whose topic or partition is not there; that answer is delivered when it is.`,
  `**Nothing is lost and nothing is done twice** when database connections break, a process joins or leaves, or one is killed.`,
  `**What a person has decided is decided.** \`CloseRound\` says that a person lets a round of one of your steps go (\`skip\`), or does it otherwise
(\`refund-elsewhere\`). It is answered \`RoundClosed\` at once, also of an order or a round not heard of. A do of that round or an earlier one that comes later,
or had no answer yet, is answered \`Undone\` and not done; what was done before stays as it is, and so does its answer. Of the refund, it says in \`settled\` what
was given by hand: that crosses the pivot, and no channel is asked for it again. With \`tenderId\` only that tender is closed. A \`RefundOrder\` says in \`chosen\`
where a person wanted the money in an earlier round: it holds if you never heard of that round. \`CloseRound\` may also come after its round was done, from a
run that was reset: of money that has moved by then, say in \`refund.succeeded.v1\` that it is \`afterClosing: twice\`. An order service says in \`resolutions\` of its
answers what was decided by then: a run that was reset hears of it by nothing else.`,
  `**What you learn later.** A step that you answered as stuck (\`StepFailed\`, \`RefundStuck\`) waits for a person. When you learn how it ended, and would answer it
otherwise now, say so in your event (\`newsFor\` in \`refund.succeeded.v1\`, \`refund.failed.v1\` or \`shipment.changed.v1\`): the saga asks the next round by itself.`,
  `**What you say that you keep, you are asked to give back.** \`ReleaseLabels\` is sent only when your answer to \`StopShipment\` said \`labelKept\` of a parcel: a service that does not
know that command does not say so, and one that says only \`paused\` is not asked. An orchestrator of 0.1 does not know it either, and asks nobody: deploy it before a logistics that keeps labels.`,
] as const

/** As a numbered list. */
export const participantRules: string = rules
  .map((rule, index) => `${index + 1}. ${rule.replaceAll('\n', '\n   ')}`)
  .join('\n')

/** `docs/participant-rules.md`. */
export const participantRulesPage = (): string =>
  [
    '<!-- Generated from tools/generate/participant-rules.ts by `npm run generate`. Do not edit. -->',
    '# Rules for participants',
    '',
    'What a service keeps that answers commands, ours or [your own](participants.md), and no [schema](asyncapi.yaml) can say. The conformance suite (`tests/conformance`) tries all of them.',
    '',
    participantRules,
    '',
  ].join('\n')
