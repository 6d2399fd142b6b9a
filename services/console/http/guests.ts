import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Database } from '@countermand/database'
import { z } from 'zod'
import { findPage, foundPage } from '../pages/customer/find.ts'
import { hrefs } from '../pages/customer/parts.ts'
import {
  confirmWithdrawPage,
  mostStated,
  type Stated,
  withdrawnPage,
  withdrawPage,
} from '../pages/customer/withdraw.ts'
import type { Invalid } from '../pages/kit/form.ts'
import type { Speech } from '../pages/kit/speech.ts'
import { formKey, takeForms } from '../store/forms.ts'
import { createLink } from '../store/links.ts'
import { postMail } from '../store/mails.ts'
import { keepStatement, type Statement, statementReceived, takeTelling } from '../store/statements.ts'
import { load } from '../store/store.ts'
import { withoutLinks } from '../words/quoted.ts'
import type { CustomerGates, Gate, Limiter } from './limits.ts'
import { networkOf } from './network.ts'
import { checkOrigin, fieldsOf, onceIn, type PageCall, type PageRoute } from './page-route.ts'
import { type Customers, page, show, surroundings } from './show.ts'

/** Pages for who has no link: an order is looked up, a contract withdrawn from. Neither says whether there is such an order. */

type Answer = PageRoute['answer']

const dayMs = 86_400_000
const linkMs = dayMs

export const isMailAddress = z.email().max(254)

/** As the shop hashes it: trimmed, in small letters. */
export const contactHashOf = (key: string, email: string): string =>
  createHmac('sha256', key).update(email.trim().toLowerCase()).digest('hex')

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

/** Whether an address is the one that the shop knows an order's customer by; `undefined`: nobody can say. */
export const isContactOf = (
  key: string | undefined,
  { contactHash }: { readonly contactHash?: string | undefined },
  email: string,
): boolean | undefined =>
  key === undefined || contactHash === undefined ? undefined : isSame(contactHash, contactHashOf(key, email))

/** The order that has this number and this customer's address. */
const matching = async (database: Database, key: string | undefined, order: string, email: string) => {
  const orderId = order.trim()
  const known =
    orderId === '' || orderId.length > 128 ? undefined : (await load(database, [orderId])).get(orderId)?.order
  const hash = known?.placed.contactHash ?? ''
  const own = contactHashOf(key ?? randomUUID(), email)
  return isSame(hash, own) ? known?.placed : undefined
}

const wrongIn = (
  stated: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
  { words }: Speech,
): Invalid[] =>
  Object.entries(stated).flatMap(([field, value]) => {
    if (value === '') return [{ field, detail: words.find.missing(labels[field] ?? field) }]
    if (field === 'email' && !isMailAddress.safeParse(value).success) return [{ field, detail: words.find.notMail }]
    return []
  })

const linkText = async (
  customers: Customers,
  { words, moment }: Speech,
  orderId: string,
  more: Parameters<typeof createLink>[3],
) => {
  const { token, expiresAt } = await createLink(customers.database, { orderId }, linkMs, more)
  const url = new URL(`/c/${token}`, customers.url).href
  return more?.statementId === undefined ? words.mail.link(url, moment(expiresAt)) : words.mail.confirmIt(url)
}

const showFind =
  (customers: Customers): Answer =>
  async (call) =>
    show(customers, { call, session: undefined }, 200, (around) => findPage({}, around))

const fromOf = ({ address }: PageCall): string => `from ${networkOf(address)}`

const sendFind =
  (customers: Customers, gate: Gate, letters: Limiter): Answer =>
  async (call) => {
    checkOrigin(call, customers.url.origin)
    const fields = fieldsOf(call)
    const visit = { call, session: undefined }
    const { speech } = surroundings(customers, visit)
    const { words } = speech
    const field = (name: string, most: number) => (fields.get(name) ?? '').trim().slice(0, most)
    const [order, email] = [field('order', 200), field('email', 254)]
    const errors = wrongIn({ order, email }, { order: words.find.order, email: words.find.email }, speech)
    if (errors.length > 0) return show(customers, visit, 422, (around) => findPage({ order, email, errors }, around))
    // By network alone: whoever is elsewhere keeps nobody from their order.
    gate([fromOf(call)])
    const found = await matching(customers.database, customers.contactKey, order, email)
    if (found !== undefined) {
      const { orderId } = found
      const key = formKey(onceIn(fields), 'find', orderId, email)
      await customers.database.transaction().execute(async (database) => {
        if (!(await takeForms(database, [key])).has(key)) return
        if (letters.take(`${orderId} ${email.toLowerCase()}`) > 0) return
        const text = await linkText({ ...customers, database }, speech, orderId, { contact: email })
        await postMail(database, { to: email, subject: words.mail.linkSubject(orderId), text, orderId })
      })
    }
    return show(customers, visit, 200, (around) => foundPage(around))
  }

const statedIn = (fields: URLSearchParams): Stated => {
  const field = (name: string) => (fields.get(name) ?? '').replaceAll('\r\n', '\n').trim()
  return { name: field('name').replaceAll(/\s+/g, ' '), contract: field('contract'), email: field('email') }
}

const wrongStated = (stated: Stated, speech: Speech) => {
  const { name, contract, email } = speech.words.withdraw
  const tooLong = (['name', 'contract'] as const).filter((field) => stated[field].length > mostStated[field])
  return [
    ...wrongIn({ ...stated }, { name, contract, email }, speech),
    ...tooLong.map((field) => ({ field, detail: speech.words.trouble.tooLarge })),
  ]
}

const showWithdraw =
  (customers: Customers): Answer =>
  async (call) =>
    show(customers, { call, session: undefined }, 200, (around) =>
      withdrawPage({ name: '', contract: '', email: '' }, [], around),
    )

const reviewWithdraw =
  (customers: Customers): Answer =>
  async (call) => {
    checkOrigin(call, customers.url.origin)
    const stated = statedIn(fieldsOf(call))
    const visit = { call, session: undefined }
    const errors = wrongStated(stated, surroundings(customers, visit).speech)
    if (errors.length > 0) return show(customers, visit, 422, (around) => withdrawPage(stated, errors, around))
    return show(customers, visit, 200, (around) => confirmWithdrawPage(stated, around))
  }

const postReceipt = async (
  customers: Customers,
  speech: Speech,
  statement: Statement & { readonly receivedAt: string },
): Promise<void> => {
  const { words, moment } = speech
  const { id, name, contract, contact, orderId, receivedAt } = statement
  const lines = [
    words.mail.withdrawal(moment(receivedAt)),
    [words.withdraw.statement, withoutLinks(contract), `${words.withdraw.name}: ${withoutLinks(name)}`].join('\n'),
    `${words.receipt.reference}: ${id}\n${receivedAt}`,
    ...(orderId === undefined ? [] : [await linkText(customers, speech, orderId, { statementId: id, contact })]),
  ]
  await postMail(customers.database, {
    to: contact,
    subject: words.mail.withdrawalSubject,
    text: lines.join('\n\n'),
    orderId,
  })
}

/** Never refused for what it is about, nor for whose address it has; only who sends very many has to come again. Its receipt is on the page too: an address that many are sent to gets no more mails. */
const sendWithdraw =
  (customers: Customers, gate: Gate): Answer =>
  async (call) => {
    checkOrigin(call, customers.url.origin)
    const fields = fieldsOf(call)
    const stated = statedIn(fields)
    const visit = { call, session: undefined }
    const { speech } = surroundings(customers, visit)
    const errors = wrongStated(stated, speech)
    const id = onceIn(fields)
    if (errors.length > 0) return show(customers, visit, 422, (around) => withdrawPage(stated, errors, around))
    // The same statement again is no other one.
    const isFirst = (await statementReceived(customers.database, id)) === undefined
    if (isFirst) gate([fromOf(call)])
    const { database, contactKey } = customers
    const placed = await matching(database, contactKey, stated.contract, stated.email)
    const kept = { ...stated, id, contact: stated.email, language: speech.language, orderId: placed?.orderId }
    // One without the other would be a statement that nobody is told of, however often it is sent.
    const receivedAt = await database.transaction().execute(async (tx) => {
      const { receivedAt, isNew } = await keepStatement(tx, kept)
      if (isNew && (await takeTelling(tx, kept)))
        await postReceipt({ ...customers, database: tx }, speech, { ...kept, receivedAt })
      return receivedAt
    })
    // Whether it was mailed says more than it should: of an order’s customer other mails are counted than of anybody.
    const received = { ...stated, id, receivedAt, isMailed: customers.mails }
    return show(customers, visit, 200, (around) => withdrawnPage(received, around))
  }

/** Pages that ask for no session. Without a mail server nothing could be looked up; a statement is taken all the same. */
export const guestPages = (customers: Customers, { lookUps, statements, letters }: CustomerGates): PageRoute[] => {
  const canLookUp = customers.mails && customers.contactKey !== undefined
  return [
    ...(canLookUp
      ? [
          page(customers, 'GET', hrefs.find, showFind(customers)),
          page(customers, 'POST', hrefs.find, sendFind(customers, lookUps, letters)),
        ]
      : []),
    page(customers, 'GET', hrefs.withdraw, showWithdraw(customers)),
    page(customers, 'POST', hrefs.withdraw, reviewWithdraw(customers)),
    page(customers, 'POST', hrefs.confirmWithdrawal, sendWithdraw(customers, statements)),
  ]
}
