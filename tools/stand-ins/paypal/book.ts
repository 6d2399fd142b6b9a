import { type Kept, keptIn } from '../kept.ts'
import { type Change, rewriteIn } from '../provider-control.ts'
import { type Behaviour, behaviourOf, type RefundStatus } from './behaviour.ts'

/** A payment: an authorization and its capture, or a capture alone. Amounts are in hundredths of the currency's unit. */
export interface Payment {
  /** Of the authorization, where it was one; else of the capture. */
  readonly id: string
  readonly order: string
  readonly amount: number
  readonly currency: string
  readonly behaviour: Behaviour
  /** ms since the epoch. */
  readonly at: number
  /** What was taken of it; absent: it is held. */
  taken: number | undefined
  voided: boolean
}

export interface Refund {
  readonly id: string
  readonly payment: string
  readonly amount: number
  /** Another than its payment's, where a test wants it so. */
  readonly currency?: string
  readonly invoiceId?: string
  readonly customId?: string
  /** ms since the epoch. */
  readonly at: number
  status: RefundStatus
  next: Behaviour['later']
}

const typical = { amount: 100_000, currency: 'EUR' }
const captured = /^CAP(?=HELD)/

/** All that the provider knows. `now`: ms since the epoch. */
export const createBook = (now: () => number, kept: Kept = keptIn()) => {
  const payments = kept.map<Payment>('payments')
  const refunds = kept.list<Refund>('refunds')
  let entered = refunds.length

  const payment = (id: string): Payment | undefined => {
    const known = payments.get(id)
    const behaviour = behaviourOf(id)
    if (known !== undefined || behaviour === undefined) return known
    const [, amount = typical.amount] = /ZOF(\d+)/.exec(id) ?? []
    const [, currency = typical.currency] = /ZIN([A-Z]{3})/.exec(id) ?? []
    const total = Number(amount)
    const made: Payment = {
      ...{ id, order: `ORDER${id}`, amount: total, currency, behaviour, at: now() },
      ...{ taken: behaviour.held ? undefined : total, voided: false },
    }
    payments.set(id, made)
    return made
  }

  /** A refund as it is now: nothing has to run for its time to come. */
  const asOfNow = (refund: Refund): Refund => {
    if (refund.next !== undefined && now() >= refund.at + refund.next.after) {
      refund.status = refund.next.status
      refund.next = undefined
    }
    return refund
  }
  const all = () => refunds.map(asOfNow)
  const isCounted = ({ status }: Refund) => status === 'COMPLETED' || status === 'PENDING'

  return {
    /** By the id of an authorization. */
    authorization: (id: string): Payment | undefined => {
      const found = payment(id)
      return found?.behaviour.held ? found : undefined
    },
    /** By the id of a capture. */
    capture: (id: string): Payment | undefined => {
      const found = payment(id.replace(captured, ''))
      if (found?.taken === undefined) return undefined
      return captured.test(id) === (found.behaviour.held === true) ? found : undefined
    },
    order: (id: string): Payment | undefined => (id.startsWith('ORDER') ? payment(id.slice(5)) : undefined),
    of: ({ payment: id }: Refund): Payment | undefined => payment(id),
    left: ({ id, taken = 0 }: Payment) =>
      all().reduce((sum, refund) => (refund.payment === id && isCounted(refund) ? sum - refund.amount : sum), taken),
    refunds: (): readonly Refund[] => all(),
    payments: (): readonly Payment[] => [...payments.values()],
    rewrite: (id: string, change: Change) => rewriteIn(refunds, id, change),
    find: (id: string): Refund | undefined => all().find((each) => each.id === id),
    enter: ({ id: payment, behaviour }: Payment, asked: Pick<Refund, 'amount' | 'invoiceId' | 'customId'>): Refund => {
      const refund = {
        ...{ id: `REFUND${++entered}`, payment, ...asked, at: now() },
        ...{ status: behaviour.first, next: behaviour.later },
      }
      refunds.push(refund)
      return refund
    },
  }
}

export type Book = ReturnType<typeof createBook>

export const captureIdOf = ({ id, behaviour }: Payment): string => (behaviour.held ? `CAP${id}` : id)
