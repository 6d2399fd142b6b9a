import type { Facts } from '../facts.ts'

/** A pack that can be used, as text; tests break one line of it. */
export const smallPack = `pack: small
version: "2026.1"
jurisdictions: [AA]
zone: UTC
calendar: small
inForce: { from: 2026-01-01, by: contract }
stateOfLaw: 2026-11-28
signedOff: { by: null, on: null }
rules:
  - id: terms
    fallback: true
    gives: { ground: request }
    text: request.terms
    cites: [{ law: Code, at: "1" }]
  - id: withdrawal
    when: { timing: [before, within] }
    gives: { ground: right, approval: none, means: same-or-agreed }
    clocks: { right: period, refund: refund }
    receipt: { medium: durable, within: PT15M, text: receipt }
    text: right.withdrawal
    cites: [{ law: Code, at: "2" }]
  - id: custom-made
    exceptionTo: withdrawal
    when: { goodsKind: [custom-made] }
    gives: { ground: request }
    text: request.terms
    cites: [{ law: Code, at: "3" }]
clocks:
  period: { from: last-good-received, length: P14D, count: day, roll: next-working-day }
  refund: { from: informed, length: P14D, count: day }
`

const calendar = `calendar: small
weekend: [sat, sun]
years:
  - { year: 2026, announced: { law: Code, url: https://law.example/2026 }, holidays: [{ on: 2026-12-25, name: Christmas }] }
  - { year: 2027, announced: { law: Code, url: https://law.example/2027 }, holidays: [] }
`
const english = `request.terms: The terms decide.
right.withdrawal: A right.
receipt: We have it.
`
const german = `request.terms: Es entscheiden die Bedingungen.
right.withdrawal: Ein Recht.
receipt: Wir haben es.
`

/** Files of a small library, some of them as given. */
export const smallFiles = (changed: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  new Map(
    Object.entries({
      'small/2026.1.yaml': smallPack,
      'calendars/small.yaml': calendar,
      'texts/en.yaml': english,
      'texts/de.yaml': german,
      ...changed,
    }),
  )

/** A consumer's declaration in Germany, two days after the goods came. */
export const someFacts: Facts = {
  jurisdiction: 'DE',
  initiator: 'customer',
  customerKind: 'consumer',
  salesChannel: 'online',
  concludedAt: '2026-11-01T09:00:00Z',
  informedAt: '2026-11-01T09:00:00Z',
  declaration: { sentAt: '2026-11-04T10:00:00Z', receivedAt: '2026-11-04T10:00:00Z' },
  lines: [{ lineId: '1', goodsKind: 'ordinary' }],
  parcels: [{ state: 'delivered', deliveredAt: '2026-11-02T11:00:00Z' }],
}
