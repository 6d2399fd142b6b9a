import type { AnswerName, CommandData, CommandName, commands } from '@countermand/contracts'

type Contract = typeof commands
type StepName = Contract[CommandName]['step']

interface CommandStep<Name extends CommandName> {
  readonly step: Contract[Name]['step']
  readonly direction: Contract[Name]['direction']
  /** For an undo: all steps that it takes back. */
  readonly undoes?: readonly StepName[]
  /** Whether a person may let the saga go on without it. */
  readonly skippable: boolean
}

/**
 * What the saga knows of each command. Workflow code imports no schemas (zod costs 7.5 ms per workflow), so the names are
 * said again here, and the compiler compares them with the contract.
 */
export const commandSteps: { readonly [Name in CommandName]: CommandStep<Name> } = {
  BeginCancellation: { step: 'hold-order', direction: 'do', skippable: false },
  AbandonCancellation: { step: 'hold-order', direction: 'undo', skippable: false },
  PauseFulfilment: { step: 'pause-fulfilment', direction: 'do', skippable: true },
  StopShipment: { step: 'stop-parcels', direction: 'do', skippable: true },
  ResumeShipment: {
    step: 'stop-parcels',
    direction: 'undo',
    undoes: ['stop-parcels', 'pause-fulfilment'],
    skippable: true,
  },
  SetStockAside: { step: 'set-stock-aside', direction: 'do', skippable: true },
  ReserveAgain: { step: 'set-stock-aside', direction: 'undo', skippable: true },
  RefundOrder: { step: 'refund', direction: 'do', skippable: true },
  ForbidRefund: { step: 'refund', direction: 'undo', skippable: false },
  ReturnStockToSale: { step: 'return-stock', direction: 'do', skippable: true },
  ReleaseLabels: { step: 'release-labels', direction: 'do', skippable: true },
  ConfirmCancellation: { step: 'close-order', direction: 'do', skippable: false },
  CloseRound: { step: 'close', direction: 'do', skippable: true },
  RecordCancellation: { step: 'record', direction: 'do', skippable: false },
  ReadCancellation: { step: 'read-cancellation', direction: 'do', skippable: false },
  ListHolds: { step: 'list-holds', direction: 'do', skippable: false },
}

/** A command's own data, without what every command carries. */
export type OwnData<Name extends CommandName> = Omit<CommandData<Name>, 'orderId' | 'requestId' | 'round'>

/** A command to send, and in words what it is for. */
export interface Call<Name extends CommandName> {
  readonly command: Name
  readonly summary: string
  readonly data: OwnData<Name>
}

/** `StopShipment` → `stopShipment`: each command has an activity of its own. */
export const activityName = <Name extends string>(command: Name): Uncapitalize<Name> =>
  // The compiler knows no function that lowers only the first letter.
  `${command.charAt(0).toLowerCase()}${command.slice(1)}` as Uncapitalize<Name>

/** Answers that leave their step without an end. */
export const noEnds = [
  'StepFailed',
  'CommandRejected',
  'RefundStuck',
  'StepPending',
  'Undone',
] as const satisfies AnswerName[]

/** The activity that awaits the final answer after this one, which only asked, was told that it takes longer. */
export const awaitIdOf = (askId: string): string => `${askId}-await`
