import type { AttentionReason, DeadLetterReason } from '@countermand/contracts'
import { inShell, shellCommand } from '@countermand/contracts/shown.ts'
import type { Made, Maker } from './make.ts'
import { attemptsMs, type Patience } from './patience.ts'

/** What an operator finds when it is stuck. */
export type Found =
  | { readonly by: 'attention'; readonly reason: AttentionReason }
  | { readonly by: 'next'; readonly words: string }
  | { readonly by: 'dead-letter'; readonly reason: DeadLetterReason }
  | { readonly by: 'held' }

/** One kind of stuck saga. */
export interface Drill {
  readonly name: string
  /** What happened in the world, without what is wrong with the saga. */
  readonly story: string
  readonly make: (maker: Maker, patience: Patience) => Promise<Made>
  readonly found: Found
  /** Where an operator sees it. */
  readonly seen: string
  /** Page of `docs/runbooks`. */
  readonly runbook: string
  /** How to repair it, in words. */
  readonly hint: string
  /** The commands that repair it. */
  readonly repair: (made: Made) => readonly string[]
  /** Milliseconds until it is stuck. */
  readonly afterMs: (patience: Patience) => number
  /** Settings of the system that make it quick; absent: it is. */
  readonly quickWith?: string
  /** While it lasts, no other saga starts. */
  readonly holdsOthers?: true
}

const soon = () => 5_000
const aYear = 365 * 86_400_000
const inAttention = '`saga list --attention`, and in the Temporal UI by NeedsAttention = true'
const label = (number: string) => [{ number, status: 'label-created' }] as const

const resolve = (decision: string, reason: string) => (made: Made) => [
  shellCommand(
    'npm run saga -- resolve',
    made.requestId,
    `--decision ${decision} --by ana`,
    `--reason ${inShell(reason)}`,
  ),
]
const stepsMs = ({ STEP_ATTEMPTS, STEP_BACKOFF }: Patience) => attemptsMs(STEP_ATTEMPTS, STEP_BACKOFF) + 5_000
const undosMs = ({ UNDO_ATTEMPTS, STEP_BACKOFF }: Patience) => attemptsMs(UNDO_ATTEMPTS, STEP_BACKOFF) + 5_000

export const drills: readonly Drill[] = [
  {
    name: 'carrier-unknown',
    story: "A parcel's label is of a carrier that the shop has no contract with yet.",
    make: (maker) => maker.cancel({ parcels: label('NEW-1') }, { carrier: 'drill-express' }),
    found: { by: 'attention', reason: 'step-failed' },
    seen: inAttention,
    runbook: 'step-failed.md',
    hint: 'Nobody here can stop that parcel: have it done by phone, then go on without the step.',
    repair: resolve('skip', 'drill-express was called, the parcel stays in the warehouse'),
    afterMs: stepsMs,
    quickWith: 'STEP_ATTEMPTS=3',
  },
  {
    name: 'carrier-down',
    story: 'The carrier has had an outage for a while, which is over by now.',
    make: (maker) => maker.cancel({ parcels: label('DOWN-1') }),
    found: { by: 'attention', reason: 'step-failed' },
    seen: inAttention,
    runbook: 'step-failed.md',
    hint: 'The carrier answers again: try once more.',
    repair: resolve('retry', 'the carrier is up again'),
    afterMs: stepsMs,
    quickWith: 'STEP_ATTEMPTS=3',
  },
  {
    name: 'undo-failed',
    story: 'The bank refuses a refund, and the carrier does not let the parcel go on.',
    make: (maker) => maker.cancel({ tenders: [{ ref: 'pay_refuse' }], parcels: label('NORESUME-1') }),
    found: { by: 'attention', reason: 'undo-failed' },
    seen: inAttention,
    runbook: 'undo-failed.md',
    hint: 'Money has not moved. The carrier answers again: try the undo once more.',
    repair: resolve('retry', 'the carrier takes new labels again'),
    afterMs: undosMs,
    quickWith: 'UNDO_ATTEMPTS=3',
  },
  {
    name: 'refund-in-doubt',
    story: 'The bank took the refund, and every answer of it was lost.',
    make: (maker, { STEP_ATTEMPTS }) => maker.cancel({ tenders: [{ ref: `pay_lost_${STEP_ATTEMPTS}` }] }),
    found: { by: 'attention', reason: 'refund-in-doubt' },
    seen: inAttention,
    runbook: 'refund-in-doubt.md',
    hint: 'Ask the bank again, with the same key: it never pays twice.',
    repair: resolve('retry', 'the bank answers again'),
    afterMs: stepsMs,
    quickWith: 'STEP_ATTEMPTS=3',
  },
  {
    name: 'refund-refused-after-pivot',
    story: 'The bank accepts a refund, and refuses it two seconds later: the card is closed.',
    make: (maker) => maker.cancel({ tenders: [{ ref: 'pay_late_refuse_2000' }] }),
    found: { by: 'attention', reason: 'refund-refused-after-pivot' },
    seen: inAttention,
    runbook: 'refund-refused-after-pivot.md',
    hint: 'Money cannot go to that card: ask the customer where to, and send it there.',
    repair: resolve('refund-elsewhere --to store-credit', 'the card is closed, the customer wants store credit'),
    afterMs: () => 10_000,
  },
  {
    name: 'refund-overdue',
    story: 'The bank accepts a refund, and is not heard of again.',
    make: (maker) => maker.cancel({ tenders: [{ ref: `pay_slow_${aYear}` }] }),
    found: { by: 'attention', reason: 'refund-overdue' },
    seen: inAttention,
    runbook: 'refund-overdue.md',
    hint: 'The bank has cancelled it: pay by hand, then go on without it. One that settles lets its saga go on by itself.',
    repair: resolve('skip', 'the bank has cancelled it, it was paid by hand'),
    afterMs: ({ REFUND_PATIENCE }) => REFUND_PATIENCE + 5_000,
    quickWith: 'REFUND_PATIENCE=20s',
  },
  {
    name: 'refund-reversed',
    story: 'The order is cancelled and refunded; then the money comes back.',
    make: (maker) => maker.cancel({ tenders: [{ ref: 'pay_reverse_2000' }] }),
    found: { by: 'attention', reason: 'refund-reversed' },
    seen: inAttention,
    runbook: 'refund-reversed.md',
    hint: 'The customer has not got the money: send it elsewhere.',
    repair: resolve('refund-elsewhere --to bank-transfer', 'the customer gave an account'),
    afterMs: () => 15_000,
  },
  {
    name: 'workflow-task-failing',
    story: 'The orchestrator meets a saga that its code cannot walk.',
    make: (maker, { REFUND_PATIENCE }) =>
      maker.cancelAndBreak({ tenders: [{ ref: `pay_slow_${Math.min(15_000, REFUND_PATIENCE / 2)}` }] }),
    found: { by: 'attention', reason: 'workflow-task-failing' },
    seen: '`saga list --attention`; in the Temporal UI the run is open, with a failed workflow task',
    runbook: 'workflow-task-failing.md',
    hint: '`saga replay` names what the history has and the code does not: no code here will follow this run, so the saga is begun again.',
    repair: ({ requestId }) => [
      shellCommand('npm run saga -- retry', requestId, "--restart --by ana --reason 'no code here follows that run'"),
    ],
    afterMs: () => 40_000,
  },
  {
    name: 'dead-letter',
    story: 'An upstream service writes a reason for cancelling that is none of those agreed on.',
    make: (maker) => maker.cancel({}, { reasonCode: 'changed my mind' }),
    found: { by: 'dead-letter', reason: 'invalid-data' },
    seen: '`saga dlq list`; there is no saga',
    runbook: 'dead-letters-arriving.md',
    hint: 'Find the letter by its key in `saga dlq list`, save its value with `saga dlq show <id> --value`, correct it, and send it with `saga dlq redrive <id> --edit <file>`.',
    repair: () => [],
    afterMs: soon,
  },
  {
    name: 'merchant-waits',
    story: 'The parcel has left; the merchant was asked, and does not answer.',
    make: (maker) => maker.cancel({ parcels: [{ number: 'OK-1', status: 'in-transit' }] }),
    found: { by: 'next', words: "waits for the merchant's decision" },
    seen: '`saga list --stage confirming`, `saga show <id>`, and in the details of the run in the Temporal UI',
    runbook: 'waiting.md',
    hint: 'Nothing is broken: the deadline decides. Who may decide for the merchant does so.',
    repair: ({ requestId }) => [
      shellCommand('npm run saga -- decide', requestId, '--decision approve --by ana --on-behalf-of mer-3'),
    ],
    afterMs: soon,
  },
  {
    name: 'carrier-silent',
    story: 'The carrier takes on the stop of a parcel, and is not heard of again.',
    make: (maker) => maker.cancel({ parcels: label('SILENT-1') }),
    found: { by: 'next', words: 'carrier sandbox has taken on the stop of parcel' },
    seen: '`saga list --stage confirming`, `saga show <id>`, and in the details of the run in the Temporal UI',
    runbook: 'waiting.md',
    hint: 'Nothing is broken: logistics asks again, and gives up after INTERCEPT_PATIENCE. Whoever cannot wait turns the saga back.',
    repair: ({ requestId }) => [
      shellCommand(
        'npm run saga -- cancel',
        requestId,
        "--by ana --reason 'the carrier does not answer, the customer cannot wait'",
      ),
    ],
    afterMs: soon,
  },
  {
    name: 'intake-paused',
    story: 'Somebody has paused the intake, and a customer asks to cancel.',
    make: async (maker) => {
      await maker.pauseIntake('a drill')
      return maker.cancel({})
    },
    found: { by: 'held' },
    seen: 'the first line of `saga list`, `saga intake status`, and the open run intake-pause in the Temporal UI',
    runbook: 'intake-paused.md',
    hint: 'Find out from whoever paused it whether the reason is over, then let the events in.',
    repair: () => ["npm run saga -- intake resume --by ana --reason 'the reason is over'"],
    afterMs: soon,
    holdsOthers: true,
  },
]
