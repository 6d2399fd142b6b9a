import type { X509Certificate } from 'node:crypto'
import type { CarrierNotified, ChannelNotified, ShipmentStatus } from '@countermand/contracts'
import type { Account } from '@countermand/providers/account.ts'

/** What came in, as it came: a signature is over bytes. */
export interface Posted {
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

/** What a provider tells, in our words. What it is about is found by the references in it. */
export interface Notice {
  /** The provider's own, of at most 128 characters: the same again is the same notification. */
  readonly eventId: string
  /** As the provider calls it. */
  readonly type: string
  /** ISO 8601: by the provider's clock. */
  readonly occurredAt: string
  readonly about: 'refund' | 'payment' | 'dispute' | 'capture' | 'parcel'
  /** Our own name of a refund, where the provider gives it back to us. */
  readonly refundId?: string
  /** What the provider calls the payment, in all the ways that a shop may have given us. */
  readonly payments: readonly string[]
  /** What the provider calls the refund, or the dispute. */
  readonly providerRef?: string
  /** Minor units, and ISO 4217. */
  readonly amount?: number
  readonly currency?: string
  /** Of a refund: `amount` is what all refunds of its payment were by then, this one too. */
  readonly inAll?: true
  readonly dispute?: NonNullable<ChannelNotified['dispute']>
  /** Of a refund: it came to nothing, or its money came back. */
  readonly undone?: true
  /** Of a refund, by a provider that cannot be asked how it is. */
  readonly fact?: NonNullable<ChannelNotified['fact']>
  /** Where a parcel is. Without `status`: something happened to it, or to a stop of it, and its carrier has to be asked what. */
  readonly parcel?: {
    readonly carrier: string
    readonly trackingNumber: string
    readonly shipmentRef?: string
    readonly status?: ShipmentStatus
    /** What has become of a stop of it, by a carrier that cannot be asked, and whose signature is worth believing. */
    readonly stop?: { readonly carrierRef: string; readonly outcome: NonNullable<CarrierNotified['outcome']> }
  }
}

/** `signature`: it is not from the provider. `stale`: it was signed too long ago, or ahead of our clock. `unreadable`: from it, and no sense can be made of it. */
export type Refused = 'signature' | 'stale' | 'unreadable'

export type Verified =
  /** `notice` absent: it is about nothing that anybody here has a use for. */
  | { readonly ok: true; readonly notice?: Notice }
  /** `key`: what it says it is signed by, where the account has no key of that name. */
  | { readonly ok: false; readonly because: Refused; readonly key?: string }

/** How one provider signs and says what it tells. Pure: it knows secrets to check with, and nothing to call with. */
export interface Sender {
  /** It tells of parcels: it may of those of the merchants that work with its account. */
  readonly ofParcels?: true
  /** As what it sends its bodies. */
  readonly mediaType: 'application/json' | 'application/x-www-form-urlencoded'
  /** What it has to hear that what it told was taken; absent: any words do. */
  readonly yes?: string
  /** Where the certificate is that a post is to be checked by, for who signs by one; `undefined`: nowhere that its provider has any. */
  certificateAt?(posted: Posted, account: Account): URL | undefined
  /** `now`: ms since the epoch. `certificate`: what is where it says. */
  verify(posted: Posted, account: Account, now: number, certificate?: X509Certificate): Verified
}

/** A shop may give its own numbers to refunds that it makes at a provider: ours alone look like this. */
export const isOurs = (refundId: string | null | undefined): refundId is string =>
  /^ref_[0-9a-f]{24}$/.test(refundId ?? '')
