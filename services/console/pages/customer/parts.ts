import type { ReasonCode } from '@countermand/contracts'
import type { ShownOrder } from '../../decide/order.ts'
import { type Html, html, type Piece } from '../kit/html.ts'
import { icon } from '../kit/icons.ts'

/** What several pages of a customer show. */

export const hrefs = {
  orders: '/orders',
  order: (orderId: string) => `/orders/${encodeURIComponent(orderId)}`,
  cancel: (orderId: string) => `/orders/${encodeURIComponent(orderId)}/cancel`,
  review: (orderId: string) => `/orders/${encodeURIComponent(orderId)}/cancel/review`,
  cancellation: (requestId: string) => `/cancellations/${encodeURIComponent(requestId)}`,
  receipt: (requestId: string) => `/cancellations/${encodeURIComponent(requestId)}/receipt`,
  takeBack: (requestId: string) => `/cancellations/${encodeURIComponent(requestId)}/withdrawal`,
  feedback: (requestId: string) => `/cancellations/${encodeURIComponent(requestId)}/feedback`,
  find: '/find',
  withdraw: '/withdraw',
  confirmWithdrawal: '/withdraw/confirmation',
} as const

/** Where the two steps of cancelling lead: who cancels for somebody else has other addresses, and more to say. */
export interface CancelWays {
  readonly title: string
  readonly order: string
  /** The first step, the second, and where that one is sent. */
  readonly choose: string
  readonly review: string
  readonly send: string
  readonly reasons: readonly ReasonCode[]
  /** How reasons are called; absent: as customers say them. */
  readonly reasonWords?: Readonly<Record<ReasonCode, string>>
  /** What the first step asks beside, and the second carries along. */
  readonly asks?: Piece
  readonly carries?: Piece
}

export type ShownLine = ShownOrder['lines'][number]

/** What the customer knows it by. */
export const titleOf = ({
  title,
  sku,
  lineId,
}: {
  readonly title?: string | undefined
  readonly sku?: string | undefined
  readonly lineId: string
}): string => title ?? sku ?? lineId

/** A name of others may be written in another direction. */
export const named = (name: string): Html => html`<bdi>${name}</bdi>`

export const picture = ({ imageUrl }: Pick<ShownLine, 'imageUrl'>): Html =>
  imageUrl === undefined || !imageUrl.startsWith('https://')
    ? html`<span class="thumb">${icon('box')}</span>`
    : html`<img class="thumb" src="${imageUrl}" alt="" width="48" height="48" loading="lazy">`

type Tone = 'good' | 'info' | 'warn' | 'bad'

const signs = { good: 'check', info: 'clock', warn: 'alert', bad: 'cross' } as const

/** A state is a sign, a word and a colour. */
export const pill = (tone: Tone, word: string): Html =>
  html`<span class="pill is-${tone}">${icon(signs[tone])}${word}</span>`

export const tones: Readonly<Record<ShownOrder['status'], Tone>> = {
  placed: 'info',
  shipped: 'info',
  delivered: 'good',
  'on-hold': 'warn',
  'partially-cancelled': 'warn',
  cancelled: 'good',
}
