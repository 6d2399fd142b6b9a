import { createHash } from 'node:crypto'
import { requestVia } from '@countermand/contracts'
import { z } from 'zod'
import { withdraw } from '../../decide/ask.ts'
import { asDeed, cameOf } from '../../decide/deed.ts'
import { fileOf } from '../../decide/file.ts'
import { canWithdraw } from '../../decide/next.ts'
import { orderOf, type ShownOrder } from '../../decide/order.ts'
import { storyOf } from '../../decide/story.ts'
import { cancellationPage, type ShownCancellation } from '../../pages/customer/cancellation.ts'
import { orderPage } from '../../pages/customer/order.ts'
import type { Invalid } from '../../pages/kit/form.ts'
import type { Page } from '../../pages/kit/page.ts'
import type { Speech } from '../../pages/kit/speech.ts'
import { casePage, linkMadePage, mostNoteOfStaff, type ShownCase } from '../../pages/staff/case.ts'
import { type StaffAround, staffHrefs } from '../../pages/staff/parts.ts'
import type { Case } from '../../state.ts'
import { recordDeeds } from '../../store/deeds.ts'
import { keptOf } from '../../store/file.ts'
import { createLink } from '../../store/links.ts'
import { languageOf, speech } from '../../words/languages.ts'
import { type PageReply, type PageRoute, paramOf, queryOf, seeOther } from '../page-route.ts'
import { Problem } from '../problems.ts'
import { around, caseFor, doerOf, type Staff, show, staffPage, type Visit } from './desk.ts'
import { staffEndpoints } from './endpoints.ts'
import { decideEach, messageIn, wrongIn } from './inbox.ts'

/** One order: all that happened to it, and what members of staff do about it. */

const decision = z.enum(['approve', 'reject'])
const linkMs = 86_400_000

export const orderAt = async (staff: Staff, { call, session }: Visit) => {
  const orderId = paramOf(call, 'orderId')
  const known = await caseFor(staff, session, orderId)
  const order = orderOf(orderId, known)
  if (order === undefined) throw new Problem('order-not-found', `order ${orderId} is not known`)
  return { orderId, known, order }
}

const spokenTo = (staff: Staff, { order }: Case): Speech => {
  const { language, zone = staff.zone } = order?.placed ?? {}
  return speech(languageOf([language], undefined), zone)
}

/** The page that the customer has: of their newest request, or of the order. */
const customersPage = (order: ShownOrder, known: Case, at: string, said: Speech, surroundings: StaffAround): Page => {
  const theirs = { ...surroundings, speech: said, formKey: undefined }
  const [now] = order.cancellations
  if (now === undefined) return orderPage(order, at, true, theirs, true)
  const told = known.told.get(now.requestId) ?? []
  const shown: ShownCancellation = {
    ...{ now, at, mayTakeBack: false },
    feedback: 'none',
    isLookedAt: true,
    takenBack: told.some(({ type }) => type === 'order.cancel.withdrawn.v1'),
    wasTooLate: now.rejected.some(({ input, code }) => input === 'withdraw' && code === 'too-late'),
  }
  return cancellationPage(shown, false, theirs)
}

const shownCase = async (
  staff: Staff,
  visit: Visit,
  given: Pick<ShownCase, 'errors' | 'draft' | 'came'>,
): Promise<ShownCase> => {
  const { known, order, orderId } = await orderAt(staff, visit)
  const { roles } = visit.session
  const at = new Date().toISOString()
  const said = spokenTo(staff, known)
  const page = customersPage(order, known, at, said, around(staff, visit.call, visit.session))
  return {
    ...{ order, at, ...given, customer: { page, speech: said } },
    entries: fileOf(storyOf(known), await keptOf(staff.database, orderId)),
    may: {
      decide: roles.includes('merchant') || roles.includes('support'),
      support: roles.includes('support'),
      operations: roles.includes('operations'),
    },
    takeable: new Set(order.cancellations.filter(canWithdraw).map(({ requestId }) => requestId)),
  }
}

const showCase =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const shown = await shownCase(staff, visit, { errors: [], came: queryOf(visit.call).get('came') ?? undefined })
    return show(staff, visit, (each) => casePage(shown, each))
  }

/** The page again, with what is wrong with what was sent. */
const wrong = async (staff: Staff, visit: Visit, errors: readonly Invalid[], draft?: string): Promise<PageReply> => {
  const shown = await shownCase(staff, visit, { errors, draft })
  return show(staff, visit, (each) => casePage(shown, each), 422)
}

/** How somebody asked for it: the form says so, whoever sends it. */
export const viaIn = (fields: URLSearchParams) => {
  const via = requestVia.safeParse(fields.get('via'))
  if (!via.success) throw new Problem('foreign-form', 'expected a form that says how it was asked for')
  return via.data
}

const decideOne =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { fields, session, call, once } = visit
    const { orderId } = await orderAt(staff, visit)
    const wanted = decision.safeParse(fields.get('decision'))
    if (!wanted.success) throw new Problem('foreign-form', 'expected a form with a decision')
    const via = session.roles.includes('support') ? viaIn(fields) : undefined
    const said = { decision: wanted.data, message: wanted.data === 'reject' ? messageIn(fields) : '', via }
    const errors = wrongIn(said, around(staff, call, session).say)
    if (errors.length > 0) return wrong(staff, visit, errors)
    await decideEach(staff, visit, [fields.get('request') ?? ''], said, orderId)
    return seeOther(staffHrefs.results(once))
  }

export const caseWith = (orderId: string, asked: Parameters<typeof cameOf>[0]): string =>
  `${staffHrefs.case(orderId)}?${new URLSearchParams({ came: cameOf(asked) })}`

const takeBack =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { fields, session, call } = visit
    const { orderId, known } = await orderAt(staff, visit)
    const requestId = fields.get('request') ?? ''
    if (!known.told.has(requestId)) throw new Problem('request-not-found', `request ${requestId} is not of this order`)
    const deed = { ...doerOf(visit), deed: 'withdraw', orderId, requestId, via: viaIn(fields) } as const
    const make = asDeed(deed, withdraw({ orderId, requestId, by: session.name }))
    return seeOther(caseWith(orderId, await staff.service.decide(orderId, make, call.traceparent)))
  }

const addNote =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { fields, session, call } = visit
    const { orderId } = await orderAt(staff, visit)
    const note = (fields.get('note') ?? '').trim().replaceAll('\r\n', '\n')
    const { say } = around(staff, call, session)
    if (note === '') return wrong(staff, visit, [{ field: 'note', detail: say.case.noteMissing }])
    if (note.length > mostNoteOfStaff)
      return wrong(staff, visit, [{ field: 'note', detail: say.decide.messageLong }], note)
    const deed = { ...doerOf(visit), deed: 'note', orderId, detail: note, came: 'done' } as const
    await staff.database.transaction().execute((tx) => recordDeeds(tx, [deed]))
    return seeOther(staffHrefs.case(orderId))
  }

/** Of the same form the same link, which is known to the holder of its session alone. */
const linkTokenOf = ({ session: { secret }, once }: Visit, orderId: string): string =>
  createHash('sha256').update(`link\n${secret}\n${once}\n${orderId}`).digest('base64url')

const makeLink =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { orderId } = await orderAt(staff, visit)
    const made = await staff.database.transaction().execute(async (tx) => {
      await recordDeeds(tx, [{ ...doerOf(visit), deed: 'link', orderId, came: 'done' }])
      return await createLink(tx, { orderId }, linkMs, { token: linkTokenOf(visit, orderId) })
    })
    const url = new URL(`/c/${made.token}`, staff.customersUrl).href
    return show(staff, visit, (each) => linkMadePage({ orderId, url, expiresAt: made.expiresAt }, each))
  }

export const casePages = (staff: Staff): PageRoute[] => [
  staffPage(staff, staffEndpoints.case, showCase(staff)),
  staffPage(staff, staffEndpoints.decide, decideOne(staff)),
  staffPage(staff, staffEndpoints.takeBack, takeBack(staff)),
  staffPage(staff, staffEndpoints.note, addNote(staff)),
  staffPage(staff, staffEndpoints.link, makeLink(staff)),
]
