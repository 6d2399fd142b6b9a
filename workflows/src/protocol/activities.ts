import type { AnswerTo, CancelRequested, CommandName } from '@countermand/contracts'
import type { OwnData } from './commands.ts'
import type { Origin } from './inputs.ts'

/** The activities that the saga asks for: what it gives them, and what it gets. */

/** In this process, for so many ms, 0 or more; then that activity waits. */
export interface FastWay {
  readonly withinMs: number
  readonly activityId: string
}

/** How an answer is waited for: `final`, or short attempts, from outside; or the fast way. */
export type Way = { readonly final: boolean } | FastWay

/** With less time than this (ms), the fast lane does not ask: the service would be blamed for our haste. */
export const leastFastMs = 400

/** The fast lane has no answer: the slow lane asks. */
export interface NotNow {
  readonly type: 'NotNow'
}

export interface Ids {
  readonly orderId: string
  readonly requestId: string
  readonly round: number
}

/** One activity for each command, named like it: sends the command, and is completed by whoever reads its answer. */
export type CommandActivities = {
  [Name in CommandName as Uncapitalize<Name>]: (data: Ids & OwnData<Name>, way: Way) => Promise<AnswerTo<Name> | NotNow>
}

export interface RequestActivities {
  /** Puts a request aside whose id was seen with another order or other content. */
  rejectRequest(request: CancelRequested, origin: Origin | undefined): Promise<void>
}

export type Activities = CommandActivities & RequestActivities
