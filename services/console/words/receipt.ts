import { cancellationsOf, cancelledUnits } from '../decide/order.ts'
import { titleOf } from '../pages/customer/parts.ts'
import type { Speech } from '../pages/kit/speech.ts'
import type { Cancellation, Case } from '../state.ts'
import { refundSentence, sentenceOf } from './say.ts'

/** What a receipt says: the same on the page and in the mail. */

/** What a request is about: the items that it names, else all that is left. */
export const itemsOf = (now: Cancellation, known: Case): string[] => {
  const lines = known.order?.placed.lines ?? []
  const others = cancellationsOf(now.orderId, known).filter(({ requestId }) => requestId !== now.requestId)
  const units = cancelledUnits(others)
  const left = lines.map(({ lineId, quantity }) => ({ lineId, quantity: quantity - (units.get(lineId) ?? 0) }))
  return (now.lines ?? left.filter(({ quantity }) => quantity > 0)).map(({ lineId, quantity }) => {
    const line = lines.find((each) => each.lineId === lineId)
    return `${quantity} × ${line === undefined ? lineId : titleOf(line)}`
  })
}

/** A row of it: a name, and one value or several. */
export interface ReceiptRow {
  readonly name: string
  readonly values: readonly string[]
  /** Of a value that is a time: ISO 8601. */
  readonly at?: string
}

/** Content, date, time with its zone, and the reference. `at`: when it is read, ISO 8601. */
export const receiptRows = (
  now: Cancellation,
  { at, items }: { readonly at: string; readonly items: readonly string[] },
  speech: Speech,
): ReceiptRow[] => {
  const { words, moment } = speech
  const rows: readonly ReceiptRow[] = [
    { name: words.receipt.reference, values: [now.requestId] },
    { name: words.receipt.order, values: [now.orderId] },
    { name: words.receipt.askedAt, values: [moment(now.askedAt)], at: now.askedAt },
    { name: words.order.items, values: items },
    { name: words.receipt.reason, values: [words.cancel.reasons[now.reason.code]] },
    { name: words.receipt.note, values: now.reason.note === undefined ? [] : [now.reason.note] },
    { name: words.receipt.state, values: [sentenceOf(now, speech, { at })] },
    { name: words.cancellation.money, values: now.refunds.map((refund) => refundSentence(refund, speech)) },
  ]
  return rows.filter(({ values }) => values.length > 0)
}

const textOf = ({ name, values, at }: ReceiptRow): string => {
  const told = at === undefined ? values : [...values, at]
  return told.length === 1 ? `${name}: ${told[0]}` : [`${name}:`, ...told.map((each) => `  ${each}`)].join('\n')
}

/** A mail, without whom it goes to. */
export interface Letter {
  readonly subject: string
  readonly text: string
}

export interface ReceiptWanted {
  readonly now: Cancellation
  readonly known: Case
  /** When it is written. ISO 8601. */
  readonly at: string
  /** Where its reader sees more; absent: whether the address is theirs is not sure. */
  readonly link?: { readonly url: string; readonly expiresAt: string } | undefined
}

const letter = (first: string, { now, known, at, link }: ReceiptWanted, speech: Speech): string =>
  [
    first,
    receiptRows(now, { at, items: itemsOf(now, known) }, speech)
      .map(textOf)
      .join('\n'),
    ...(link === undefined ? [] : [speech.words.mail.follow(link.url, speech.moment(link.expiresAt))]),
  ].join('\n\n')

/** That it was asked for, and what. */
export const askedLetter = (wanted: ReceiptWanted, speech: Speech): Letter => ({
  subject: speech.words.mail.askedSubject(wanted.now.orderId),
  text: letter(speech.words.mail.asked(speech.moment(wanted.now.askedAt)), wanted, speech),
})

/** What it came to: what was cancelled, and what comes back, by tender and when. */
export const endLetter = (wanted: ReceiptWanted, speech: Speech): Letter => ({
  subject: speech.words.mail.endSubject(wanted.now.orderId),
  text: letter(sentenceOf(wanted.now, speech, wanted), wanted, speech),
})
