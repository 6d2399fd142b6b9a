import { type CancelRequested, lineAmount, refundOf } from '@countermand/contracts'
import type { Case } from '../state.ts'
import { obstacle } from './ask.ts'
import { cancellationsOf, cancelledUnits } from './order.ts'

/**
 * What a cancellation would come to, in minor units, before anybody asks for it: counted by the function that the order service counts
 * with. Whether policy lets it, and who decides, the order service alone knows, and says in the public story.
 */
export const previewOf = (orderId: string, known: Case, lines: CancelRequested['lines']) => {
  if (known.order === undefined) return undefined
  const { placed } = known.order
  const units = cancelledUnits(cancellationsOf(orderId, known))
  const places = placed.lines.map((line) => {
    const before = units.get(line.lineId) ?? 0
    const left = line.quantity - before
    const wanted = lines === undefined ? left : (lines.find(({ lineId }) => lineId === line.lineId)?.quantity ?? 0)
    return { line, before, left, quantity: Math.min(wanted, left) }
  })
  const amount = refundOf(
    placed,
    places.map(({ before }) => before),
    places.map(({ quantity }) => quantity),
  )
  const asked = places.map(({ line, before, left, quantity }) => ({
    ...{ lineId: line.lineId, quantity, left, amount: lineAmount(line, quantity, before) },
  }))
  const ofLines = asked.reduce((sum, each) => sum + each.amount, 0)
  const found = obstacle(known, { orderId, lines })
  return {
    ...{ orderId, currency: placed.currency, amount, lines: asked, rest: amount - ofLines },
    ...{ possible: found === undefined, ...(found !== undefined && { code: found.code, detail: found.detail }) },
    turned: found,
  }
}
