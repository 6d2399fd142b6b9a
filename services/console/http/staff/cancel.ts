import { reasonCode, requestVia } from '@countermand/contracts'
import { ask } from '../../decide/ask.ts'
import { asDeed } from '../../decide/deed.ts'
import type { ShownOrder } from '../../decide/order.ts'
import { cancelPage } from '../../pages/customer/cancel.ts'
import type { CancelWays } from '../../pages/customer/parts.ts'
import { mostNote, reviewPage } from '../../pages/customer/review.ts'
import { linesOf, wholeWish, wishIn } from '../../pages/customer/wish.ts'
import { hidden, type Invalid, radios } from '../../pages/kit/form.ts'
import { type StaffAround, staffHrefs, viaChoices } from '../../pages/staff/parts.ts'
import { requestIdOf } from '../api.ts'
import { type PageReply, type PageRoute, queryOf, seeOther } from '../page-route.ts'
import { previewFor } from '../previewed.ts'
import { caseWith, orderAt } from './case.ts'
import { around, doerOf, type Staff, show, staffPage, type Visit } from './desk.ts'
import { staffEndpoints } from './endpoints.ts'

/** A member of customer service cancels for a customer, by the customer's own two steps, and says how they were asked to; or for the shop itself. */

const shopItself = 'shop'

/** Who asks, as the form has it: the shop itself, or the customer by one of their ways. */
const askerIn = (fields: URLSearchParams) => {
  const text = fields.get('who')
  if (text === shopItself) return { who: shopItself, initiator: 'support', via: undefined } as const
  const via = requestVia.safeParse(text)
  return via.success ? ({ who: via.data, initiator: 'customer', via: via.data } as const) : undefined
}

export const waysOf = ({ orderId }: ShownOrder, who: string | undefined, { say, ...rest }: StaffAround): CancelWays => {
  const choices = [
    ...viaChoices({ say, ...rest }).map(({ value, label }) => ({ value, label: say.case.customerAsks(label) })),
    { value: shopItself, label: say.case.shopAsks },
  ]
  return {
    title: say.case.cancelTitle(orderId),
    order: staffHrefs.case(orderId),
    ...{
      choose: staffHrefs.cancel(orderId),
      review: staffHrefs.cancelReview(orderId),
      send: staffHrefs.cancel(orderId),
    },
    ...{ reasons: reasonCode.options, reasonWords: say.reasons },
    asks: radios({ name: 'who', legend: say.case.whoAsks, choices, chosen: who ?? 'phone' }),
    carries: hidden('who', who ?? ''),
  }
}

const showCancel =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { order, orderId } = await orderAt(staff, visit)
    if (order.status === 'cancelled') return seeOther(caseWith(orderId, 'already-cancelled'))
    const query = queryOf(visit.call)
    return show(staff, visit, (each) => {
      const wish = query.has('reason') ? wishIn(order, query, each.speech, reasonCode.options).wish : wholeWish(order)
      return cancelPage(order, wish, [], each, waysOf(order, askerIn(query)?.who, each))
    })
  }

const chosenIn = (order: ShownOrder, fields: URLSearchParams, { say, speech }: StaffAround) => {
  const asker = askerIn(fields)
  const { wish, errors } = wishIn(order, fields, speech, reasonCode.options)
  const missing: Invalid[] = asker === undefined ? [{ field: 'who', detail: say.case.chooseWho }] : []
  return { asker, wish, errors: [...missing, ...errors] }
}

const showReview =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { order, orderId, known } = await orderAt(staff, visit)
    if (order.status === 'cancelled') return seeOther(caseWith(orderId, 'already-cancelled'))
    const surroundings = around(staff, visit.call, visit.session)
    const { asker, wish, errors } = chosenIn(order, queryOf(visit.call), surroundings)
    const ways = waysOf(order, asker?.who, surroundings)
    if (errors.length > 0) return show(staff, visit, (each) => cancelPage(order, wish, errors, each, ways), 422)
    const reviewing = { orderId, order, known, wish, approvalOf: staff.approvalOf, initiator: asker?.initiator }
    const { preview, seen } = previewFor(reviewing, new Date().toISOString())
    if (preview.turned !== undefined) return seeOther(caseWith(orderId, preview.turned))
    const reviewed = { order, wish, preview, seen }
    return show(staff, visit, (each) => reviewPage(reviewed, { isChanged: false, errors: [] }, each, ways))
  }

const sendCancel =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { fields, session, call, once } = visit
    const { order, orderId, known } = await orderAt(staff, visit)
    const surroundings = around(staff, call, session)
    const { asker, wish, errors } = chosenIn(order, fields, surroundings)
    const requestId = requestIdOf(`staff ${session.subject}`, orderId, once)
    const isRepeated = known.told.has(requestId)
    if (isRepeated) return seeOther(caseWith(orderId, 'again'))
    if (order.status === 'cancelled') return seeOther(caseWith(orderId, 'already-cancelled'))
    const ways = waysOf(order, asker?.who, surroundings)
    if (asker === undefined || errors.length > 0)
      return show(staff, visit, (each) => cancelPage(order, wish, errors, each, ways), 422)
    const reviewing = { orderId, order, known, wish, approvalOf: staff.approvalOf, initiator: asker?.initiator }
    const { preview, seen } = previewFor(reviewing, new Date().toISOString())
    // What stands in its way is said, and nothing is asked for by figures that nobody has seen.
    if (preview.turned !== undefined) return seeOther(caseWith(orderId, preview.turned))
    const note = (fields.get('note') ?? '').trim().replaceAll('\r\n', '\n')
    const isLong = note.length > mostNote
    const isChanged = fields.get('seen') !== seen
    if (isChanged || isLong) {
      const reviewed = { order, wish, preview, seen, note }
      const invalid = isLong ? [{ field: 'note', detail: surroundings.say.decide.messageLong }] : []
      return show(staff, visit, (each) => reviewPage(reviewed, { isChanged, errors: invalid }, each, ways), 422)
    }
    const { initiator, via } = asker
    const lines = linesOf(order, wish)
    const reason = { code: wish.reason, ...(note !== '' && { note }) }
    const wanted = { requestId, orderId, initiator, reason, refundTo: wish.refundTo, via } as const
    const deed = { ...doerOf(visit), deed: 'cancel', orderId, requestId, via } as const
    const make = asDeed(deed, ask({ ...wanted, ...(lines !== undefined && { lines }) }))
    return seeOther(caseWith(orderId, await staff.service.decide(orderId, make, call.traceparent)))
  }

export const cancelPages = (staff: Staff): PageRoute[] => [
  staffPage(staff, staffEndpoints.cancel, showCancel(staff)),
  staffPage(staff, staffEndpoints.cancelReview, showReview(staff)),
  staffPage(staff, staffEndpoints.sendCancel, sendCancel(staff)),
]
