import { type CancelRequested, type ReasonCode, reasonCode } from '@countermand/contracts'
import type { ShownOrder } from '../../decide/order.ts'
import { hidden, type Invalid } from '../kit/form.ts'
import type { Html } from '../kit/html.ts'
import type { Speech } from '../kit/speech.ts'
import { titleOf } from './parts.ts'

/** What a customer has chosen to cancel. */
export interface Wish {
  /** By line: how many units. */
  readonly units: ReadonlyMap<string, number>
  readonly reason: ReasonCode
  readonly refundTo: CancelRequested['refundTo']
}

/** Of these customers may choose; the others are for who works for the shop. */
export const customersReasons = [
  ...(['changed-mind', 'ordered-by-mistake', 'duplicate-order', 'found-cheaper', 'too-slow'] as const),
  ...(['address-problem', 'other'] as const),
] satisfies readonly ReasonCode[]

export const unitsField = (lineId: string): string => `units.${lineId}`
export const lineFieldId = (place: number): string => `line-${place + 1}`

export const leftOf = ({ quantity, cancelled }: ShownOrder['lines'][number]): number => quantity - cancelled

/** All that is left, back the way it was paid. */
export const wholeWish = ({ lines }: ShownOrder): Wish => ({
  units: new Map(lines.map((line) => [line.lineId, leftOf(line)])),
  reason: 'other',
  refundTo: 'original',
})

const isCount = (text: string): boolean => /^\d{1,15}$/.test(text)

/** What the fields of the form say, and what is wrong with it. What they do not name is not cancelled. */
export const wishIn = (
  order: ShownOrder,
  fields: URLSearchParams,
  { words, number }: Speech,
  allowed: readonly ReasonCode[] = customersReasons,
): { readonly wish: Wish; readonly errors: readonly Invalid[] } => {
  const errors: Invalid[] = []
  const units = new Map<string, number>()
  for (const [place, line] of order.lines.entries()) {
    const text = fields.get(unitsField(line.lineId)) ?? '0'
    const wanted = isCount(text) ? Number(text) : Number.POSITIVE_INFINITY
    if (wanted > leftOf(line))
      errors.push({ field: lineFieldId(place), detail: words.cancel.tooMany(titleOf(line), number(leftOf(line))) })
    units.set(line.lineId, Math.min(wanted, leftOf(line)))
  }
  if (errors.length === 0 && [...units.values()].every((each) => each === 0))
    errors.push({ field: lineFieldId(0), detail: words.cancel.chooseSomething })
  const reason = reasonCode.extract([...allowed]).safeParse(fields.get('reason') ?? 'other')
  if (!reason.success) errors.push({ field: 'reason', detail: words.cancel.chooseReason })
  const refundTo = fields.get('to') === 'store-credit' ? 'store-credit' : 'original'
  return { wish: { units, reason: reason.data ?? 'other', refundTo }, errors }
}

/** As the request has it; absent: all that is left of an order of which nothing was cancelled. */
export const linesOf = (order: ShownOrder, { units }: Wish): CancelRequested['lines'] => {
  const isWhole = order.lines.every(({ lineId, quantity }) => units.get(lineId) === quantity)
  if (isWhole) return undefined
  return [...units].filter(([, quantity]) => quantity > 0).map(([lineId, quantity]) => ({ lineId, quantity }))
}

/** The same choice in fields that nobody sees. */
export const hiddenWish = ({ units, reason, refundTo }: Wish): Html[] => [
  ...[...units]
    .filter(([, quantity]) => quantity > 0)
    .map(([lineId, quantity]) => hidden(unitsField(lineId), String(quantity))),
  hidden('reason', reason),
  hidden('to', refundTo),
]

/** The same choice in an address. */
export const wishQuery = ({ units, reason, refundTo }: Wish): string =>
  new URLSearchParams([
    ...[...units].map(([lineId, quantity]): [string, string] => [unitsField(lineId), String(quantity)]),
    ...[['reason', reason] as [string, string], ['to', refundTo] as [string, string]],
  ]).toString()
