import { z } from 'zod'
import { ask } from '../../decide/ask.ts'
import { asDeed } from '../../decide/deed.ts'
import { orderOf, type ShownOrder } from '../../decide/order.ts'
import type { Invalid } from '../../pages/kit/form.ts'
import { staffHrefs } from '../../pages/staff/parts.ts'
import { mostBecause, type ShownStatements, statementsPage } from '../../pages/staff/statements.ts'
import { deedsOfBatch, recordDeeds } from '../../store/deeds.ts'
import { postMail } from '../../store/mails.ts'
import { caseOf, ordersByContact } from '../../store/queries.ts'
import { keepRecipient } from '../../store/receipts.ts'
import {
  claimStatement,
  closeStatement,
  isServed,
  type OpenStatement,
  openStatement,
  openStatements,
} from '../../store/statements.ts'
import { load } from '../../store/store.ts'
import { languageOf, staffWordsIn } from '../../words/languages.ts'
import { contactHashOf } from '../guests.ts'
import { type PageReply, type PageRoute, paramOf, queryOf, seeOther } from '../page-route.ts'
import { Problem } from '../problems.ts'
import { caseWith } from './case.ts'
import { around, doerOf, type Staff, show, staffPage, type Visit } from './desk.ts'
import { staffEndpoints } from './endpoints.ts'

/** Statements of withdrawal of which it is not known what they are of: a person finds their order, or says why there is none. */

const mostShown = 50
const mostCandidates = 5

/** What may be an order's number among somebody's words. */
const numbersIn = (words: string): string[] =>
  [...new Set(words.match(/[\p{L}\p{N}][\p{L}\p{N}._/-]{2,127}/gu) ?? [])].slice(0, 20)

const candidatesOf = async (
  { database, contactKey }: Staff,
  { contract, contact, orderId }: OpenStatement,
): Promise<ShownOrder[]> => {
  const byContact =
    contactKey === undefined ? [] : await ordersByContact(database, contactHashOf(contactKey, contact), mostCandidates)
  const named = [...(orderId === undefined ? [] : [orderId]), ...numbersIn(contract)]
  const wanted = [...new Set([...named, ...byContact])]
  const known = await load(database, wanted)
  return wanted
    .flatMap((each) => {
      const found = known.get(each)
      return (found && orderOf(each, found)) ?? []
    })
    .slice(0, mostCandidates)
}

const shownStatements = async (
  staff: Staff,
  given: Pick<ShownStatements, 'errors' | 'came'>,
): Promise<ShownStatements> => {
  const statements = await openStatements(staff.database, mostShown)
  const all: { statement: OpenStatement; candidates: ShownOrder[] }[] = []
  for (const statement of statements) all.push({ statement, candidates: await candidatesOf(staff, statement) })
  return { all, mails: staff.mails, ...given }
}

const cameIn = (text: string | null): ShownStatements['came'] =>
  text === 'closed' || text === 'gone' ? text : undefined

const showStatements =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const came = cameIn(queryOf(visit.call).get('came'))
    const shown = await shownStatements(staff, { came, errors: [] })
    return show(staff, visit, (each) => statementsPage(shown, each))
  }

const wrong = async (staff: Staff, visit: Visit, errors: readonly Invalid[]): Promise<PageReply> => {
  const shown = await shownStatements(staff, { errors })
  return show(staff, visit, (each) => statementsPage(shown, each), 422)
}

const gone = `${staffHrefs.statements}?came=gone`
const closed = `${staffHrefs.statements}?came=closed`

/** What this very form has done already: it was sent twice. */
const doneBy = async ({ database }: Staff, { session, once }: Visit) =>
  (await deedsOfBatch(database, once, session.subject)).find(({ came }) => isServed(came) || came === 'done')

const whereMatched = async (staff: Staff, visit: Visit): Promise<string> => {
  const done = await doneBy(staff, visit)
  return done?.orderId === undefined ? gone : caseWith(done.orderId, 'again')
}

const whereClosed = async (staff: Staff, visit: Visit): Promise<string> =>
  (await doneBy(staff, visit))?.deed === 'close' ? closed : gone

const statementAt = async (staff: Staff, { call }: Visit): Promise<OpenStatement | undefined> => {
  const id = z.uuid().safeParse(paramOf(call, 'statementId'))
  if (!id.success) throw new Problem('not-found', 'expected the id of a statement')
  return await openStatement(staff.database, id.data)
}

/** Under which field of the page an error of this statement stands: the list may have moved. */
const fieldOf = async ({ database }: Staff, name: string, id: string): Promise<string> => {
  const all = await openStatements(database, mostShown)
  return `${name}-${Math.max(
    0,
    all.findIndex((each) => each.id === id),
  )}`
}

const match =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { fields, session, call } = visit
    const statement = await statementAt(staff, visit)
    if (statement === undefined) return seeOther(await whereMatched(staff, visit))
    const { id, receivedAt } = statement
    const orderId = (fields.get('order') ?? '').trim()
    const known = orderId === '' || orderId.length > 128 ? undefined : await caseOf(staff.database, orderId, null)
    if (known?.order === undefined) {
      const { say } = around(staff, call, session)
      return wrong(staff, visit, [{ field: await fieldOf(staff, 'order', id), detail: say.statements.orderMissing }])
    }
    if (!(await claimStatement(staff.database, id, orderId))) return seeOther(gone)
    const reason = { code: 'changed-mind', note: `withdrawal statement ${id}` } as const
    const wish = { requestId: id, orderId, initiator: 'customer', reason, refundTo: 'original', via: 'web' } as const
    const deed = { ...doerOf(visit), deed: 'match', orderId, requestId: id } as const
    const make = asDeed(deed, ask({ ...wish, requestedAt: receivedAt }))
    const { contact, language } = statement
    // Without a link: that the address is the customer's nobody knows.
    const recipient = { orderId, requestId: id, contact, language, zone: staff.zone, url: undefined, tellsAsked: false }
    if (staff.mails) await keepRecipient(staff.database, recipient)
    return seeOther(caseWith(orderId, await staff.service.decide(orderId, make, call.traceparent)))
  }

const close =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const { fields, session, call } = visit
    const statement = await statementAt(staff, visit)
    if (statement === undefined) return seeOther(await whereClosed(staff, visit))
    const field = (name: string) => (fields.get(name) ?? '').trim().replaceAll('\r\n', '\n')
    const [because, answer] = [field('because'), field('answer')]
    const { say } = around(staff, call, session)
    const isLong = because.length > mostBecause || answer.length > mostBecause
    if (because === '' || isLong) {
      const detail = because === '' ? say.statements.becauseMissing : say.decide.messageLong
      return wrong(staff, visit, [{ field: await fieldOf(staff, 'because', statement.id), detail }])
    }
    const isClosed = await staff.database.transaction().execute(async (tx) => {
      if (!(await closeStatement(tx, statement.id))) return false
      await recordDeeds(tx, [
        { ...doerOf(visit), deed: 'close', requestId: statement.id, detail: because, came: 'done' },
      ])
      const theirs = staffWordsIn(languageOf([statement.language], undefined))
      if (staff.mails && answer !== '')
        await postMail(tx, { to: statement.contact, subject: theirs.statements.answerSubject, text: answer })
      return true
    })
    return seeOther(isClosed ? closed : await whereClosed(staff, visit))
  }

export const statementPages = (staff: Staff): PageRoute[] => [
  staffPage(staff, staffEndpoints.statements, showStatements(staff)),
  staffPage(staff, staffEndpoints.match, match(staff)),
  staffPage(staff, staffEndpoints.close, close(staff)),
]
