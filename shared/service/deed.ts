import type { Decision, Moment } from './decision.ts'
import type { Transactor } from './transactor.ts'
import type { DeedWork } from './work.ts'

/** A decision, and what whoever asked is told of it. It may be made again: the last one counts. */
export type DeedDecision<State, Value> = (
  state: State | undefined,
  at: Moment,
) => { readonly decision: Decision<State>; readonly value: Value }

/** Decides in the transactions of a service what came as no message. */
export const deciding =
  <State>({ transact }: Transactor<State>) =>
  async <Value>(
    orderId: string,
    decide: DeedDecision<State, Value>,
    traceparent: string | null = null,
  ): Promise<Value> => {
    let made: { readonly value: Value } | undefined
    let failed: Error | undefined
    const deed: DeedWork<State> = {
      ...{ kind: 'deed', orderId, traceparent },
      decide: (state, at) => {
        const { decision, value } = decide(state, at)
        made = { value }
        return decision
      },
      failed: (error) => {
        failed = error
      },
    }
    await transact([deed])
    if (failed !== undefined) throw failed
    if (made === undefined) throw new Error('expected a decision, got none')
    return made.value
  }
