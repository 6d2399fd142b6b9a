import { z } from 'zod'
import {
  acknowledgementKind,
  clockStart,
  clockUse,
  conditions,
  customerKind,
  goodsKind,
  ground,
  informed,
  outputs,
  parcelState,
  salesChannel,
  takeBack,
  timing,
} from './vocabulary.ts'

/** The closed format of a pack: what has no place here is an error, never ignored. */

/** A name within a pack. */
export const name = z
  .string('expected a name')
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'expected a name such as refund-14')
/** A key of a text. */
const textKey = z
  .string('expected the key of a text')
  .regex(/^[a-z0-9]+([.-][a-z0-9]+)*$/, 'expected the key of a text')
/** A calendar day. */
export const day = z
  .string('expected a day such as 2026-06-19')
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a day such as 2026-06-19')
  .refine(
    (text) =>
      !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text),
    'expected a day that there is',
  )
const version = z
  .string('expected a version in quotes, such as "2026.2"')
  .regex(/^\d{4}\.\d+$/, 'expected a version such as "2026.2"')
const length = z
  .string('expected a length such as P14D')
  .regex(/^P(\d+[YMWD]|T\d+S)$/, 'expected a length of one unit, such as P14D, P12M or PT14S')
const zoneId = z.string('expected a zone such as Europe/Berlin').refine((id) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: id }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}, 'expected a time zone of the IANA list, such as Europe/Berlin')

/** Where something is written: the law, the place in it, and where it can be read. `read`: V the provision, S a secondary source, K not settled. */
export const citation = z.strictObject({
  law: z.string('expected a law').min(1, 'expected a law'),
  at: z.string('expected a place in it').min(1, 'expected a place in it'),
  url: z.url({ protocol: /^https$/, error: 'expected an address with https' }).optional(),
  read: z.enum(['V', 'S', 'K']).default('V'),
})
export type Citation = z.infer<typeof citation>

const cites = z.array(citation, 'expected a citation: cites').min(1, 'expected a citation: cites')
const some = <Options extends z.ZodEnum>(each: Options) => z.array(each).min(1, 'expected at least one value')

const when = z.strictObject({
  initiator: some(conditions.initiator).optional(),
  customerKind: some(customerKind).optional(),
  salesChannel: some(salesChannel).optional(),
  goodsKind: some(goodsKind).optional(),
  parcel: some(parcelState).optional(),
  informed: some(informed).optional(),
  timing: some(timing).optional(),
  /** All of them. */
  acknowledged: some(acknowledgementKind).optional(),
})
export type When = z.infer<typeof when>

const gives = z.strictObject({
  ground: ground.optional(),
  approval: outputs.approval.optional(),
  means: outputs.means.optional(),
  withhold: outputs.withhold.optional(),
  shipping: outputs.shipping.optional(),
  returnCost: outputs.returnCost.optional(),
  takeBack: takeBack.optional(),
})
export type Gives = z.infer<typeof gives>

const clocksOfRule = z.partialRecord(clockUse, name)

/** Within how long the customer gets a receipt, and the words of the function by which they declare. */
const receipt = z.strictObject({
  medium: z.enum(['durable', 'any']),
  within: z.string('expected a length such as PT15M').regex(/^PT\d+[HMS]$/, 'expected a length such as PT15M'),
  text: textKey,
  labels: z.array(textKey).optional(),
})
export type Receipt = z.infer<typeof receipt>

const validity = z.strictObject({ from: day.optional(), until: day.optional() })

/** A rule as it is written. What a child leaves out, it has from the rule of the same name that it replaces. */
export const rule = z.strictObject({
  id: name,
  /** Wins only where no other rule does. */
  fallback: z.literal(true).optional(),
  exceptionTo: z.union([name, z.array(name).min(1)]).optional(),
  inForce: validity.optional(),
  when: when.optional(),
  gives: gives.optional(),
  clocks: clocksOfRule.optional(),
  receipt: receipt.optional(),
  text: textKey.optional(),
  cites,
})
export type Rule = z.infer<typeof rule>

/** A period. The customer's (`right`) rolls on over days that nobody knows to be working days; the seller's does not. */
export const clock = z.strictObject({
  from: z.enum(clockStart.options, 'expected what the clock starts from'),
  length,
  count: z.enum(['day', 'working-day', 'second']),
  /** Whether the day of the event counts. */
  firstDay: z.enum(['next', 'same']).default('next'),
  /** What becomes of an end on a day off. `non-holiday`: weekends are as other days. */
  roll: z.enum(['none', 'next-working-day', 'next-non-holiday']).default('none'),
  judgedBy: z.enum(['sentAt', 'receivedAt']).default('sentAt'),
  /** How much longer for whoever was not told; told late, it is the length from then on. */
  notInformed: length.optional(),
  /** Whether that comes after the length (`end`), or is all that there is, from the beginning (`start`). */
  notInformedFrom: z.enum(['end', 'start']).default('end'),
  /** Whether having paid is what counts, or having sent it off. */
  done: z.enum(['arrived', 'sent']).default('arrived'),
  cites: cites.optional(),
})
export type Clock = z.infer<typeof clock>

/** What is owed for paying late: a part of the sum by days, or so much a year. */
const interest = z.strictObject({
  from: clockUse,
  cites,
  steps: z
    .array(
      z.strictObject({
        /** The last day late that it holds for. */
        upTo: z.int().positive(),
        percent: z.number().nonnegative().optional(),
        /** A rate that the pack does not know: a person says it. */
        rate: z.enum(['legal']).optional(),
      }),
    )
    .optional(),
  /** After the last step: so much more for each month begun, up to the price. */
  after: z.strictObject({ percentPerMonth: z.number().positive(), most: z.literal('price') }).optional(),
  yearly: z
    .strictObject({ percent: z.number().nonnegative().optional(), above: z.enum(['base']).optional() })
    .optional(),
})
export type Interest = z.infer<typeof interest>

/** What is not settled, and which branch the pack takes until it is. */
const open = z.strictObject({ id: name, says: z.string().min(1), takes: z.string().min(1) })

/** A pack as its file says it. */
export const pack = z.strictObject({
  pack: name,
  version,
  /** `law`, or a merchant's own `terms`, which only promise. */
  kind: z.enum(['law', 'terms']).default('law'),
  extends: z
    .string()
    .regex(/^[a-z-]+@\d{4}\.\d+$/, 'expected a pack and its version, such as eu@2026.1')
    .optional(),
  /** The version that this one corrects: kept for what it has decided, and decides nothing new. */
  replaces: version.optional(),
  /** ISO 3166-1 or -2. */
  jurisdictions: z.array(z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'expected a code of ISO 3166')).optional(),
  /** Where a day ends: for all, or the last place for the customer and the first for the seller. */
  zone: z.union([zoneId, z.strictObject({ customer: zoneId, seller: zoneId })]).optional(),
  calendar: name.optional(),
  inForce: z.strictObject({ from: day, until: day.optional(), by: z.enum(['contract', 'request', 'event']) }),
  stateOfLaw: day,
  signedOff: z.strictObject({ by: z.string().min(1).nullable(), on: day.nullable() }),
  open: z.array(open).optional(),
  rules: z.array(rule).default([]),
  clocks: z.record(name, clock).default({}),
  interest: interest.optional(),
})
export type Pack = z.infer<typeof pack>
