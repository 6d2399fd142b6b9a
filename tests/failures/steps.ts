import type { CommandName, RefusalCode } from '@countermand/contracts'
import { commandSteps } from '@countermand/workflows/src/protocol/commands.ts'
import { steps as page } from '@countermand/workflows/src/saga/cancel-order.ts'
import type { Step as PageStep } from '@countermand/workflows/src/saga/run/step.ts'

/** The saga's steps, as the failure table goes through them: those of its page, by short names. */
const onPage = {
  hold: page.holdOrder,
  pause: page.pauseFulfilment,
  stop: page.stopParcels,
  stock: page.setStockAside,
  refund: page.refund,
  return: page.returnStock,
  release: page.releaseLabels,
  close: page.closeOrder,
} as const satisfies Record<string, PageStep>

export type StepName = keyof typeof onPage
export const stepNames = [
  'hold',
  'pause',
  'stop',
  'stock',
  'refund',
  'return',
  'release',
  'close',
] as const satisfies StepName[]

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

/** Of a step that may be refused for several reasons, the one that the table plays. */
const played: Partial<Record<StepName, RefusalCode>> = { hold: 'window-closed' }

const undoOf = (step: PageStep): CommandName | undefined => {
  if (step.kind === 'retriable') return undefined
  return step.kind === 'pivot' ? step.forbid.command : step.undo.command
}

const noOf = (name: StepName, step: PageStep): RefusalCode | undefined => {
  const codes: RefusalCode[] = 'no' in step && step.no !== undefined ? Object.values(step.no) : []
  return codes.length > 1 ? codes.find((code) => code === played[name]) : codes[0]
}

export const stepOf = (name: StepName): Step => {
  const step: PageStep = onPage[name]
  const undo = undoOf(step)
  const no = noOf(name, step)
  return {
    name: step.title,
    command: step.do.command,
    ...(undo === undefined ? {} : { undo }),
    ...(no === undefined ? {} : { no }),
    skippable: commandSteps[step.do.command].skippable,
    undoSkippable: undo !== undefined && commandSteps[undo].skippable,
  }
}

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
