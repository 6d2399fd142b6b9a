import { orderOf } from '../../decide/order.ts'
import { staffHrefs } from '../../pages/staff/parts.ts'
import { searchPage } from '../../pages/staff/search.ts'
import { caseOf, listCancellations, listOrders, ordersByReference, placeOfRequest } from '../../store/queries.ts'
import type { StaffSession } from '../../store/staff.ts'
import { load } from '../../store/store.ts'
import { type PageReply, type PageRoute, queryOf, seeOther } from '../page-route.ts'
import { cancelPages } from './cancel.ts'
import { casePages } from './case.ts'
import { type Staff, show, staffPage, type Visit } from './desk.ts'
import { staffEndpoints } from './endpoints.ts'
import { inboxPages } from './inbox.ts'
import { logoutPages } from './logout.ts'
import { operationsPages } from './operations.ts'
import { reportPages } from './reports.ts'
import { signInPages } from './sign-in.ts'
import { statementPages } from './statements.ts'

const mostFound = 50
const mostRecent = 20

/** The one order that this text means; `undefined`: none, or several. */
const orderMeant = async ({ database }: Staff, { merchants }: StaffSession, text: string) => {
  const known = await caseOf(database, text, merchants)
  if (known?.order !== undefined) return text
  return (await placeOfRequest(database, text, merchants))?.orderId
}

const ordersFound = async ({ database }: Staff, { merchants }: StaffSession, text: string) => {
  const ofCustomer = await listOrders(database, { customerId: text }, merchants, { after: undefined, limit: mostFound })
  if (ofCustomer.length > 0) return ofCustomer.flatMap((each) => orderOf(each.orderId, each.known) ?? [])
  const ids = await ordersByReference(database, text, merchants, mostFound)
  const known = await load(database, ids)
  return ids.flatMap((each) => {
    const found = known.get(each)
    return (found && orderOf(each, found)) ?? []
  })
}

const search =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { session, call } = visit
    const text = (queryOf(call).get('q') ?? '').trim().slice(0, 128).toWellFormed()
    const meant = text === '' ? undefined : await orderMeant(staff, session, text)
    if (meant !== undefined) return seeOther(staffHrefs.case(meant))
    const found = text === '' ? [] : await ordersFound(staff, session, text)
    const [only] = found
    if (found.length === 1 && only !== undefined) return seeOther(staffHrefs.case(only.orderId))
    const page = { after: undefined, limit: mostRecent }
    const newest = text === '' ? await listCancellations(staff.database, {}, session.merchants, page) : []
    const shown = {
      ...{ text, found, recent: newest.map(({ content }) => content), member: session },
      at: new Date().toISOString(),
    }
    return show(staff, visit, (each) => searchPage(shown, each))
  }

/** Every page of staff. */
export const staffPages = (staff: Staff): PageRoute[] => [
  staffPage(staff, staffEndpoints.search, search(staff)),
  ...inboxPages(staff),
  ...casePages(staff),
  ...cancelPages(staff),
  ...statementPages(staff),
  ...operationsPages(staff),
  ...reportPages(staff),
  ...logoutPages(staff),
  ...signInPages(staff),
  ...staff.assets.routes,
]
