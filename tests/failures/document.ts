import { amount, type Cell, cells } from './cells.ts'
import { type Failure, failures, type Sequel, type StepName, sequelsOf, stepNames, stepOf, undoWays } from './steps.ts'

/** The failure table in words, for people: `docs/failure-table.md`. */

const wordsOf = (sequel: Sequel): string => {
  switch (sequel.by) {
    case 'asking-again':
      return 'asked again'
    case 'retry':
    case 'skip':
    case 'refund-elsewhere':
      return `operator: **${sequel.by}**`
    case 'turning':
      return `turns back; ${undoWays[sequel.undo]}`
    case 'withdrawal':
      return `the customer withdraws; ${undoWays[sequel.undo]}`
    case 'undo':
      return `operator: **undo**; ${undoWays[sequel.undo]}`
    case 'late-withdrawal':
      return 'the customer withdraws, too late'
    case 'late-undo':
      return `operator: **undo**, too late; then **${sequel.next}**`
  }
}

const euro = (minorUnits: number) => `${(minorUnits / 100).toFixed(2)} EUR`

const isElsewhere = (sequel: Sequel): boolean =>
  sequel.by === 'refund-elsewhere' || ('next' in sequel && sequel.next === 'refund-elsewhere')

const moneyOf = ({ facts, sequel }: Cell): string => {
  if (facts.refunded === amount) return isElsewhere(sequel) ? `${euro(amount)} as store credit` : `${euro(amount)} back`
  return 'no money back'
}

/** What the customer sees. */
const customer = (cell: Cell): string => {
  const late = cell.story.includes('input-rejected too-late') ? 'told “too late”; ' : ''
  const why = cell.code === undefined ? '' : ` (${cell.code})`
  if (cell.outcome === 'cancelled') return `${late}order cancelled, ${moneyOf(cell)}`
  return `${cell.outcome}${why}: the order stands, ${moneyOf(cell)}`
}

const stockWords = { 'on-sale': 'on sale', reserved: 'reserved', aside: 'set aside', '': 'none known' } as const
const parcelWords = { 'as-sent': 'parcel as before', 'label-voided': 'label void' } as const

/** What the merchant sees. */
const merchant = ({ facts, story }: Cell): string => {
  const asked = story.includes('awaiting-merchant') ? 'is asked; ' : ''
  return `${asked}stock ${stockWords[facts.stock]}, ${parcelWords[facts.parcel]}`
}

/** What the SRE sees. */
const sre = ({ attention }: Cell): string =>
  attention.length === 0
    ? 'nothing to do'
    : attention.map(({ reason, remedies }) => `\`${reason}\`: ${remedies.join(', ')}`).join('; then ')

const row = (cell: Cell): string =>
  `| ${[
    failures[cell.failure],
    cell.outcome === 'refused' ? 'ends there: nothing was done' : wordsOf(cell.sequel),
    cell.asked.map((command) => `\`${command}\``).join(' → '),
    cell.story.join(' → '),
    customer(cell),
    merchant(cell),
    sre(cell),
  ].join(' | ')} |`

const isFailure = (name: string): name is Failure => Object.hasOwn(failures, name)

/** What cannot happen to a step, and why. */
const cannot = (step: StepName): string => {
  const { undo, undoSkippable, skippable, no } = stepOf(step)
  return [
    ...(no === undefined ? ['Nobody may refuse it.'] : []),
    ...(skippable ? [] : ['It cannot be skipped.']),
    ...(undo === undefined ? ['It is after the pivot: nothing takes it back.'] : []),
    ...(undo !== undefined && !undoSkippable ? [`\`${undo}\` cannot be skipped.`] : []),
  ].join(' ')
}

const section = (step: StepName, place: number): string => {
  const { name, command, undo } = stepOf(step)
  const rows = cells.filter((cell) => cell.step === step).map(row)
  const undone = undo === undefined ? '' : `, undone by \`${undo}\``
  const impossible = cannot(step)
  return [
    `## ${place + 1}. ${name[0]?.toUpperCase()}${name.slice(1)}`,
    '',
    `\`${command}\`${undone}.${impossible === '' ? '' : ` ${impossible}`}`,
    '',
    '| what goes wrong | what follows | asked, in order | public story | the customer sees | the merchant sees | the SRE sees |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

const count = stepNames.reduce(
  (sum, step) =>
    sum +
    Object.keys(failures)
      .filter(isFailure)
      .reduce((of, each) => of + sequelsOf(step, each).length, 0),
  0,
)

const introduction = `<!-- Generated from tests/failures by \`npm run generate\`. Do not edit. -->

# What can go wrong, and what comes of it

Each step of the cancellation × each way of failing × each way that its undo can go: ${count} cells. Every cell is played by a test
(\`tests/failures/failure-table.test.ts\`): a real Temporal server and the real workflow, and the four services with their real decisions;
it asserts the commands in their order, the outcome, the public story, what needs attention with its remedies, and what the
services, the carrier and the bank hold to be so at the end. Then what was still on its way arrives, and changes nothing.

The order: one line, ${euro(amount)} by card, a parcel whose label is printed. The two steps that run side by side are listed in the
order of their names. \`RefundOrder 2\` is its second round. Before the pivot a way back begins with \`ForbidRefund\`, and sends every undo, whatever this run
remembers; after it there is none.

- *Timed out, but was done*: the service did it, and its answers were lost, or came after everything was over.
- *Timed out, and was not done*: the command was lost, or came after its undo: then it is answered \`Undone\`.
- *Fails technically, for ever*: the service has used up its attempts. Never a "no": the saga parks, \`npm run saga -- list --attention\` names it.
- *The undo fails for a while*: a question and an answer are lost; it is asked again.
- **skip** and **refund-elsewhere** are told to the service that the step belongs to (\`CloseRound\`) before they are acted on: whatever comes later of that round, it does nothing.
- **skip** of an undo leaves what the step did, and a tombstone: the operator answers for it.
- **skip** of a refund in doubt: payment goes on asking the channel. It had paid, as here: the ledger learns of it, and a case \`refunded-twice\` opens, for somebody has paid by hand.
- **skip** of a refund ends the way back, as moved money does: whoever skips it settles it elsewhere. The order service keeps the decision, and answers \`TurnTooLate\` to a turn.

The two ways in which a saga of this table ends: *as if it had not run* (refused, withdrawn, compensated), or *complete* (cancelled). A
parked saga is no end.
`

export const failureTable = (): string => [introduction, ...stepNames.map(section)].join('\n')
