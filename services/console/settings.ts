import { currency, minorUnitDigits } from '@countermand/contracts'
import { type PoliciesOf, policyFor } from '@countermand/contracts/policy-for.ts'
import { databasePasswordFile, databaseUrl, listed, port, sharedSettings, span } from '@countermand/settings'
import { type Policy, policySettings } from '@countermand/settings/policies.ts'
import { z } from 'zod'
import type { SecondPersonFrom } from './decide/operation.ts'
import type { ApprovalOf } from './decide/preview.ts'

const networks = (what: string) =>
  z
    .string()
    .default('')
    .transform(listed)
    .pipe(
      z.array(
        z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'expected addresses such as 10.0.0.1 or 10.0.0.0/8'),
      ),
    )
    .describe(what)

const isZone = (text: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const ownUrl = z
  .url({ error: 'expected an address such as https://staff.shop.example' })
  .refine(
    (text) => /^https:|^http:\/\/(127[.]0[.]0[.]1|localhost|\[::1\])(:|\/|$)/.test(text),
    'expected https, or http on this machine alone',
  )

/** `EUR 500.00`, in minor units. */
const sumOfMoney = z.string().transform((text, context): readonly [string, number] => {
  const [, code = '', whole = '', part = ''] = /^([A-Z]{3}) (\d{1,12})(?:[.](\d{1,4}))?$/.exec(text) ?? []
  const digits = minorUnitDigits(code)
  if (!currency.safeParse(code).success || part.length > digits) {
    context.addIssue({ code: 'custom', message: 'expected sums of a currency such as EUR 500.00, JPY 50000' })
    return z.NEVER
  }
  return [code, Number(whole) * 10 ** digits + Number(part.padEnd(digits, '0') || 0)]
})

const words = (most: number) =>
  z
    .string()
    .max(most, `expected at most ${most} characters`)
    .regex(/^[^\s\p{Cc}\p{Cf}\p{Cs}]+$/u, 'expected a word without spaces')

export const consoleSettings = z.object({
  ...sharedSettings,
  CONSOLE_DATABASE_URL: databaseUrl('console'),
  CONSOLE_DATABASE_PASSWORD_FILE: databasePasswordFile,
  CONSOLE_HTTP_PORT: port(8086, 'port of /healthz, /readyz and /metrics'),
  ORDERS_KEPT: span('90d', 'how long an order is kept after it was last heard of'),
  CASES_KEPT: span('1095d', 'how long what became of a request is kept after it was last heard of'),
  WEBHOOKS_KEPT: span('30d', 'how long a webhook is kept, whether it has arrived or not'),
  WEBHOOK_ALLOW: networks(
    'addresses and networks, comma-separated, that webhooks may go to though they are not public, without TLS too (default none)',
  ),
  SHOP_HOST: sharedSettings.HTTP_HOST.describe('address that shops call (default 127.0.0.1)'),
  SHOP_PORT: port(8087, 'port of the API, and of the pages of customers'),
  SHOP_URL: z
    .url({ error: 'expected an address such as https://orders.shop.example' })
    .refine(
      (text) => /^https:|^http:\/\/(127[.]0[.]0[.]1|localhost|\[::1\])(:|\/|$)/.test(text),
      'expected https, or http on this machine alone',
    )
    .optional()
    .describe('how customers reach their pages (default http://127.0.0.1 with SHOP_PORT)'),
  MERCHANT_APPROVAL: policySettings.MERCHANT_APPROVAL.describe(
    'when a merchant decides, the same as of the order service: customers are told beforehand (default when-shipped)',
  ),
  MERCHANT_DEADLINE: policySettings.MERCHANT_DEADLINE.describe('the same as of the order service (default 24h)'),
  MERCHANT_SILENCE: policySettings.MERCHANT_SILENCE.describe('the same as of the order service (default approve)'),
  POLICIES_FILE: policySettings.POLICIES_FILE.describe('the same as of the order service (default none)'),
  STAFF_HOST: sharedSettings.HTTP_HOST.describe('address that staff call (default 127.0.0.1)'),
  STAFF_PORT: port(8088, 'port of the pages of staff'),
  STAFF_URL: ownUrl.optional().describe('how staff reach their pages (default http://127.0.0.1 with STAFF_PORT)'),
  SECOND_PERSON_FROM: z
    .string()
    .default('')
    .transform(listed)
    .pipe(z.array(sumOfMoney))
    .refine((sums) => new Map(sums).size === sums.length, 'expected each currency once')
    .transform((sums): SecondPersonFrom => (sums.length === 0 ? undefined : new Map(sums)))
    .describe(
      'sums, comma-separated, such as EUR 500.00: from there on, with what the same person has sent alone within a day, a second person approves what is dangerous; another currency always needs one (default none: nobody does)',
    ),
  OIDC_ISSUER: ownUrl
    .optional()
    .describe('who says who members of staff are, by OpenID Connect (default none: there are no pages of staff)'),
  OIDC_CLIENT_ID: words(200).default('countermand').describe('how the console is known there (default countermand)'),
  OIDC_CLIENT_SECRET: words(1_000).default('').describe('its secret there'),
  OIDC_ROLES_CLAIM: words(200)
    .default('roles')
    .describe('claim with roles: merchant, support, operations, analyst, admin (default roles)'),
  OIDC_MERCHANTS_CLAIM: words(200)
    .default('merchants')
    .describe(
      'claim with the ids of merchants whose orders a member may see, or * for all; without it nobody gets in (default merchants)',
    ),
  SHOP_NAME: z
    .string()
    .max(60, 'expected at most 60 characters')
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u, 'expected words on one line')
    .default('Your shop')
    .describe('what customers call the shop (default Your shop)'),
  SHOP_ACCENT: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'expected a colour such as #1a5fb4')
    .default('#1a5fb4')
    .describe("the shop's colour (default #1a5fb4)"),
  SHOP_CONTACT: z
    .url({ protocol: /^(https|mailto|tel)$/, error: 'expected https:…, mailto:… or tel:…' })
    .optional()
    .describe('where customers reach a person (default nowhere)'),
  SHOP_ZONE: z
    .string()
    .refine(isZone, 'expected a time zone such as Europe/Berlin')
    .default('UTC')
    .describe('in whose times customers are told, where an order names none (default UTC)'),
  MAIL_URL: z
    .url({ protocol: /^smtps?$/, error: 'expected an address such as smtps://user:password@mail.example' })
    .optional()
    .describe('mail server (SMTP) that takes mails to customers (default none: no mails)'),
  MAIL_FROM: z
    .email({ error: 'expected an address such as orders@shop.example' })
    .default('orders@localhost.invalid')
    .describe('whom mails to customers are from (default orders@localhost.invalid)'),
  CONTACT_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{16,256}$/, 'expected 16 to 256 printable ASCII characters')
    .optional()
    .describe(
      "key by which the shop hashes customers' e-mail addresses, contactHash of an order (default none: no look-up)",
    ),
  SHOP_IMAGES: z
    .string()
    .regex(
      /^(https:\/\/[\w.*-]+(:\d+)?( |$))*$/,
      'expected addresses such as https://images.shop.example, apart by spaces',
    )
    .default('')
    .describe('from where pictures of goods are loaded (default nowhere)'),
  SHOP_ORIGINS: z
    .string()
    .default('')
    .transform(listed)
    .pipe(
      z.array(
        z
          .string()
          .regex(
            /^(https:\/\/[a-z0-9.-]+|http:\/\/(127[.]0[.]0[.]1|localhost))(:\d{1,5})?$/,
            'expected origins such as https://www.shop.example',
          ),
      ),
    )
    .describe('origins, comma-separated, of pages of the shop’s own in which customers may cancel (default none)'),
  SHOP_PROXIES: networks(
    'addresses and networks, comma-separated, of proxies before it that say who calls (default none)',
  ),
  CALLS_PER_SECOND: z.coerce
    .number({ error: 'expected a number' })
    .positive('expected a number above 0')
    .max(1_000_000, 'expected at most 1000000')
    .default(50)
    .describe(
      'calls of the API a second by one key, for a moment twice as many; a tenth by one network without a key (default 50)',
    ),
})
export type ConsoleSettings = z.infer<typeof consoleSettings>

/** How customers reach their pages, without a path. */
export const shopUrl = ({ SHOP_URL, SHOP_PORT }: Pick<ConsoleSettings, 'SHOP_URL' | 'SHOP_PORT'>): URL =>
  new URL(new URL(SHOP_URL ?? `http://127.0.0.1:${SHOP_PORT}`).origin)

/** How staff reach their pages, without a path. */
export const staffUrl = ({ STAFF_URL, STAFF_PORT }: Pick<ConsoleSettings, 'STAFF_URL' | 'STAFF_PORT'>): URL =>
  new URL(new URL(STAFF_URL ?? `http://127.0.0.1:${STAFF_PORT}`).origin)

/** What shops decide about their merchants' say. */
type Say = Pick<Policy, 'MERCHANT_APPROVAL' | 'MERCHANT_DEADLINE' | 'MERCHANT_SILENCE'>

/** The same, by an order. */
export const approvalBy =
  (settings: Say & { readonly POLICIES_FILE: PoliciesOf<Say>['overrides'] }): ApprovalOf =>
  (order) => {
    const policy = policyFor<Say>({ defaults: settings, overrides: settings.POLICIES_FILE }, order)
    return {
      ...{ when: policy.MERCHANT_APPROVAL, deadlineMs: policy.MERCHANT_DEADLINE, onSilence: policy.MERCHANT_SILENCE },
    }
  }
