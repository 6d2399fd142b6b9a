import type { CommandName, RefusalCode } from '@countermand/contracts'

/** The saga's steps, as the failure table goes through them. */
export interface Step {
  readonly name: string
  readonly command: CommandName
  /** What takes it back; absent: it is after the pivot. */
  readonly undo?: CommandName
  /** Its business "no"; absent: nobody may refuse it. */
  readonly no?: RefusalCode
  readonly skippable: boolean
  readonly undoSkippable: boolean
}

export const steps = {
  hold: {
    name: 'hold the order',
    command: 'BeginCancellation',
    undo: 'AbandonCancellation',
    no: 'window-closed',
    skippable: false,
    undoSkippable: false,
  },
  pause: {
    name: 'pause fulfilment',
    command: 'PauseFulfilment',
    undo: 'ResumeShipment',
    skippable: true,
    undoSkippable: true,
  },
  stop: {
    name: 'stop the parcels',
    command: 'StopShipment',
    undo: 'ResumeShipment',
    no: 'intercept-failed',
    skippable: true,
    undoSkippable: true,
  },
  stock: {
    name: 'set the stock aside',
    command: 'SetStockAside',
    undo: 'ReserveAgain',
    no: 'stock-missing',
    skippable: true,
    undoSkippable: true,
  },
  refund: {
    name: 'refund',
    command: 'RefundOrder',
    undo: 'ForbidRefund',
    no: 'refund-refused',
    skippable: true,
    undoSkippable: false,
  },
  return: { name: 'put the stock back on sale', command: 'ReturnStockToSale', skippable: true, undoSkippable: false },
  close: { name: 'close the order', command: 'ConfirmCancellation', skippable: false, undoSkippable: false },
} as const satisfies Record<string, Step>

export type StepName = keyof typeof steps
export const stepNames = ['hold', 'pause', 'stop', 'stock', 'refund', 'return', 'close'] as const satisfies StepName[]

export const stepOf = (name: StepName): Step => steps[name]

/** What a step comes to instead of its "yes". */
export const failures = {
  refused: 'it is refused',
  done: 'it timed out, but was done',
  'not-done': 'it timed out, and was not done',
  fails: 'it fails technically, for ever',
  unreadable: 'its command cannot be read',
  'channel-down': 'its channel is down, for ever, and has done nothing',
  'channel-silent': 'its channel did it, and never answers',
} as const
export type Failure = keyof typeof failures

/** How taking it back goes. */
export const undoWays = {
  works: 'the undo works',
  'fails-a-while': 'the undo fails for a while',
  'fails-then-retry': 'the undo fails for ever; **retry**',
  'fails-then-skip': 'the undo fails for ever; **skip**',
} as const
export type UndoWay = keyof typeof undoWays

/** What follows: by itself, by the customer, or by an operator. */
export type Sequel =
  | { readonly by: 'asking-again' }
  | { readonly by: 'retry' | 'skip' | 'refund-elsewhere' }
  /** Before the pivot: everything is taken back. */
  | { readonly by: 'turning' | 'withdrawal' | 'undo'; readonly undo: UndoWay }
  /** After the pivot nothing is. */
  | { readonly by: 'late-withdrawal' }
  | { readonly by: 'late-undo'; readonly next: 'retry' | 'refund-elsewhere' }

/** A failure after which a step is parked. */
export const isTechnical = (failure: Failure): boolean =>
  failure !== 'refused' && failure !== 'done' && failure !== 'not-done'

const backWays = (step: Step, by: 'turning' | 'withdrawal' | 'undo'): Sequel[] =>
  (['works', 'fails-a-while', 'fails-then-retry', 'fails-then-skip'] as const)
    .filter((undo) => undo !== 'fails-then-skip' || step.undoSkippable)
    .map((undo) => ({ by, undo }))

/** All that may follow a failure of a step; none: it cannot happen. */
export const sequelsOf = (name: StepName, failure: Failure): Sequel[] => {
  const step = stepOf(name)
  const beforePivot = step.undo !== undefined
  switch (failure) {
    case 'refused':
      if (step.no === undefined) return []
      return name === 'hold' ? [{ by: 'turning', undo: 'works' }] : backWays(step, 'turning')
    case 'done':
    case 'not-done':
      return [
        { by: 'asking-again' },
        ...(beforePivot ? backWays(step, 'withdrawal') : [{ by: 'late-withdrawal' } as const]),
      ]
    case 'channel-down':
      if (name !== 'refund') return []
      return [
        { by: 'retry' },
        { by: 'skip' },
        { by: 'refund-elsewhere' },
        { by: 'late-undo', next: 'retry' },
        { by: 'late-undo', next: 'refund-elsewhere' },
      ]
    case 'channel-silent':
      return name === 'refund' ? [{ by: 'retry' }, { by: 'skip' }] : []
    case 'fails':
    case 'unreadable':
      return [
        { by: 'retry' },
        ...(step.skippable ? [{ by: 'skip' } as const] : []),
        ...(name === 'refund' ? [{ by: 'refund-elsewhere' } as const] : []),
        ...(beforePivot ? backWays(step, 'undo') : []),
      ]
  }
}
