import { randomBytes } from 'node:crypto'
import type { AccountKind } from '@countermand/providers/account.ts'
import type { ProviderRequest } from '@countermand/providers/http.ts'
import { z } from 'zod'
import type { CarrierCall } from './carrier.ts'

/** What UPS is asked, as its OpenAPI documents have it (github.com/UPS-API/api-documentation): docs/providers/ups.md. */

/** Where UPS is; its Customer Integration Environment is https://wwwcie.ups.com. */
export const upsPlace = { baseUrl: 'https://onlinetools.ups.com' }

export const upsSettings = z.strictObject({
  clientId: z.string().regex(/^[\x21-\x39\x3b-\x7e]{1,200}$/, 'expected the client id of the app at UPS'),
  /** Whom UPS may ask about an intercept: it takes none without. */
  contact: z.strictObject({
    name: z.string().min(1).max(30),
    telephone: z.string().regex(/^\+\d{1,13}$/, 'expected + and digits'),
    emailAddress: z
      .string()
      .max(50)
      .regex(/^[\w.%+-]+@[\w.-]+\.[A-Za-z]{2,}$/, 'expected an e-mail address')
      .exactOptional(),
  }),
  /** The shipper's, where a token is asked for on its behalf. */
  accountNumber: z
    .string()
    .regex(/^[A-Z0-9]{6}$/, 'expected the six characters of an account number')
    .exactOptional(),
})
export type UpsSettings = z.infer<typeof upsSettings>

export const upsKind: AccountKind = { secrets: ['clientSecret'], settings: upsSettings }

/** Numbers of parcels that UPS can be asked to void or to intercept. */
export const isUpsNumber = (number: string): boolean => /^1Z[A-Z0-9]{16}$/.test(number)
/** Those that it can be asked about. */
export const isTracked = (number: string): boolean => /^[A-Za-z0-9]{7,34}$/.test(number)

/** UPS knows a request by it in its logs, and nothing else: it is no key. */
const transId = (): string => randomBytes(7).toString('hex')

export const tokenRequest = ({ clientId, accountNumber }: UpsSettings, secret: string): ProviderRequest => {
  const path = '/security/v1/oauth/token'
  return {
    ...{ method: 'POST', path, route: path, body: 'grant_type=client_credentials' },
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      ...(accountNumber !== undefined && { 'x-merchant-id': accountNumber }),
    },
  }
}

const tracking = () => ({ transid: transId(), transactionsrc: 'countermand' })

/**
 * Always of this one parcel: the shipment's number alone would void all of its parcels. Of a shipment whose number nobody told, it is
 * that of its first parcel.
 */
export const voidRequest = ({ trackingNumber, shipmentRef }: CarrierCall): ProviderRequest => {
  const shipment = shipmentRef !== undefined && isUpsNumber(shipmentRef) ? shipmentRef : trackingNumber
  const route = '/api/shipments/v2409/void/cancel'
  return {
    ...{ method: 'DELETE', route: `${route}/{shipment}`, headers: tracking() },
    path: `${route}/${shipment}?trackingnumber=${trackingNumber}`,
  }
}

export const trackRequest = (trackingNumber: string): ProviderRequest => {
  const route = '/api/track/v1/details'
  return {
    ...{ method: 'GET', route: `${route}/{number}`, headers: tracking() },
    path: `${route}/${trackingNumber}?locale=en_US`,
  }
}

const intercepts = '/api/deliveryintercept/v2'
const forIntercepts = () => ({
  ...{ transid: transId(), platformtype: 'XOLT', inquirytype: 'U', 'content-type': 'application/json' },
})

export const eligibilityRequest = (trackingNumber: string): ProviderRequest => {
  const route = `${intercepts}/eligibility/intercept`
  return {
    ...{ method: 'GET', route: `${route}/{number}`, headers: forIntercepts() },
    path: `${route}/${trackingNumber}?loc=en_US`,
  }
}

/** `return`: bring it back to the sender (`RS`), for the order was cancelled (`AM`). `cancel`: do not. */
export const interceptRequest = (
  what: 'return' | 'cancel',
  { trackingNumber }: Pick<CarrierCall, 'trackingNumber'>,
  { contact }: UpsSettings,
): ProviderRequest => {
  const route = `${intercepts}/${what}`
  const body = {
    ...{ requestType: 'RS', specialInstructions: null },
    requesterContactInfo: { ...contact, displayPhoneNumber: false },
    ...(what === 'return' && { reasonForReturn: 'AM' }),
  }
  return {
    ...{ method: 'POST', route: `${route}/{number}`, headers: forIntercepts(), body: JSON.stringify(body) },
    path: `${route}/${trackingNumber}?loc=en_US`,
  }
}
