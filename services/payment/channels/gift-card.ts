import {
  type Channel,
  ChannelError,
  type GiftCards,
  type RefundCall,
  type RefundResult,
  type TenderKind,
} from './channel.ts'
import { heldByLedger } from './held-by-ledger.ts'

/** Nobody was asked for money yet. */
const statusOf = (cards: GiftCards | undefined, giftCardId: string) =>
  cards?.statusOf(giftCardId).catch((cause: unknown): never => {
    throw new ChannelError(`expected to learn whether gift card ${giftCardId} is active`, 'before-anything', { cause })
  })

/** Money cannot be put on a card that is no more: whoever issued it gives its holder another, or makes it good again. */
const onto =
  (cards: GiftCards | undefined) =>
  async ({ refundId, paymentRef }: RefundCall): Promise<RefundResult> => {
    const status = (await statusOf(cards, paymentRef)) ?? 'active'
    if (status === 'active') return { outcome: 'succeeded', providerRef: refundId }
    const what = `gift card ${paymentRef} is ${status}: make it active again, or give its holder another one and settle the refund by hand`
    return { outcome: 'action-required', who: 'merchant', what }
  }

const open = (cards: GiftCards | undefined): Channel => ({
  ...heldByLedger(0),
  refund: onto(cards),
  status: onto(cards),
})

/** A gift card gets back what was paid with it, at once, and never as cash. */
export const giftCard = { home: 'gift-card', open: ({ giftCards }) => open(giftCards) } satisfies TenderKind
