import type { Account } from '@countermand/providers/account.ts'
import { openHttp } from '@countermand/providers/http.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { eventually } from '@countermand/testing'
import { type StartedStandIn, startStandIn } from '@countermand/tools/stand-ins/ups/started.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { interceptWith, resumeWith } from './ask.ts'
import type { Carrier, CarrierCall } from './carrier.ts'
import { carrierConformance, type Habit } from './conformance.ts'
import { carrierOf, carriers } from './index.ts'
import { ups } from './ups.ts'
import { eligibilityIn, interceptIn, tokenIn, voidIn } from './ups-answers.ts'
import { interceptRequest, isUpsNumber, tokenRequest, upsSettings, voidRequest } from './ups-requests.ts'
import { momentOf, trackedIn } from './ups-tracking.ts'

const credentials = { clientId: 'app-1', clientSecret: 'a secret planted in ups' }
const hour = 3_600_000
let standIn: StartedStandIn
/** UPS's clock. */
let now = Date.parse('2026-11-20T10:00:00Z')
const http = openHttp({ answerMs: 500, circuit: { failures: 1_000_000 } })
/** One failure, and it counts as away. */
const awayHttp = openHttp({ circuit: { failures: 1 } })
beforeAll(async () => {
  standIn = await startStandIn(credentials, 10_000, () => now)
})
afterAll(async () => {
  await Promise.all([http.close(), awayHttp.close()])
  standIn.close()
})
beforeEach(() => standIn.clear())

const contact = { name: 'Returns', telephone: '+14107495070' }
const settings = { clientId: credentials.clientId, contact }
const accountWith = (change: Partial<Account> = {}): Account => ({
  ...{ name: 'ups-us', provider: 'ups', baseUrl: standIn.url, settings },
  secrets: new Map([['clientSecret', [new Secret(credentials.clientSecret)]]]),
  ...change,
})
const open = (account: Account | undefined = accountWith(), by = http): Carrier =>
  ups.open({ http: by, accounts: { find: () => account, nameFor: () => 'ups-us' } })

let parcels = 0
const numberOf = (habit: string, status: CarrierCall['status']) =>
  `1Z${status === 'label-created' ? 'L' : 'R'}${habit}${String(++parcels).padStart(15 - habit.length, '0')}`
const parcelOf = (habit: string, status: CarrierCall['status'] = 'in-transit') => {
  const trackingNumber = numberOf(habit, status)
  return (key: string, more: Partial<CarrierCall> = {}): CarrierCall => ({
    ...{ orderId: 'ord-1', shipmentId: 'shp-1', merchantId: 'mer-3', carrier: 'ups', trackingNumber, status, round: 1 },
    idempotencyKey: key,
    ...more,
  })
}
const habits: Readonly<Record<Habit, string>> = {
  ...{ stops: 'OK', refuses: 'REFUSE', 'stops-later': 'OK', 'never-answers': 'SILENT' },
  ...{ 'not-reached-once': 'FLAKY', 'resumes-in-round-2': 'NORESUME' },
}

describe('the suite of carriers holds UPS:', () =>
  carrierConformance({
    ...{ keys: 'none', labels: 'shop' },
    open,
    openLosing: () => {
      standIn.plan('cut-after', 1, 'DELETE')
      return open()
    },
    openSilent: () => {
      standIn.plan('hang-after', 1, '/return/')
      const silent = open()
      // Nobody waits for it.
      return { ...silent, requestIntercept: (call) => silent.requestIntercept(call).catch(() => new Promise(() => {})) }
    },
    openAway: () => {
      standIn.plan('500-before')
      return open(accountWith(), awayHttp)
    },
    parcel: (habit, status) => parcelOf(habits[habit], status),
    stateOf: async ({ trackingNumber }) => {
      const { place, isVoid } = standIn.book.parcelOf(trackingNumber)
      if (isVoid) return 'label-voided'
      return place === 'returning' ? 'turned-round' : 'goes'
    },
    until: (what, is) =>
      eventually(what, async () => {
        const isSo = await is()
        if (!isSo) now += hour
        return isSo
      }),
  }))

describe('UPS', () => {
  const asked = () => standIn.requests.map(({ method, path }) => `${method} ${path.replace(/1Z\w+/g, '…')}`)
  const since = async (does: () => Promise<unknown>) => {
    const before = standIn.requests.length
    await does()
    return asked().slice(before)
  }

  it('is looked at, then asked whether it can, then asked to', async () => {
    const carrier = open()
    await carrier.stopStatus(parcelOf('OK')('first, with a token'))
    const call = parcelOf('OK')('stop')
    expect(await since(() => interceptWith(carrier, call))).toEqual([
      'GET /api/track/v1/details/…',
      'GET /api/deliveryintercept/v2/eligibility/intercept/…',
      'GET /api/deliveryintercept/v2/eligibility/intercept/…',
      'POST /api/deliveryintercept/v2/return/…',
    ])
  })

  it('that has it in hand is not asked again', async () => {
    const call = parcelOf('SILENT')('stop')
    expect(await interceptWith(open(), call)).toMatchObject({ result: 'accepted', carrierRef: expect.any(String) })
    expect(await since(() => interceptWith(open(), call))).not.toContainEqual(expect.stringMatching(/^POST .*return/))
  })

  it('that does not know yet whether it can is asked again in a quarter of an hour, and nothing was done', async () => {
    const call = parcelOf('UNKNOWN')('stop')
    const unknown = { reached: 'before-anything', facts: { retryAfterMs: 900_000 } }
    await expect(interceptWith(open(), call)).rejects.toMatchObject(unknown)
    await expect(resumeWith(open(), call)).rejects.toMatchObject(unknown)
    expect(await interceptWith(open(), call)).toMatchObject({ result: 'accepted' })
  })

  it('says no in its own words, though its status is 200', async () => {
    expect(await interceptWith(open(), parcelOf('SAYSNO')('stop'))).toEqual({
      ...{ result: 'refused', failure: 'refused' },
      reason: 'UPS: The package is not eligible for this intercept (1210)',
    })
    expect(await interceptWith(open(), parcelOf('REFUSE')('stop'))).toMatchObject({ failure: 'ineligible' })
  })

  it('says no to an undo in its own words, and still brings the parcel back', async () => {
    const call = parcelOf('NOCANCEL')
    await interceptWith(open(), call('stop'))
    expect(await resumeWith(open(), call('undo'))).toEqual({
      ...{ result: 'refused', failure: 'refused' },
      reason: 'UPS: The intercept cannot be cancelled any more (1221)',
    })
    expect(standIn.book.parcelOf(call('').trackingNumber).intercept).toBe('never')
  })

  it('whose no speaks of what it did itself has done it', async () => {
    const call = parcelOf('SILENT')('stop')
    // Two processes have both looked, and both ask.
    const both = await Promise.all([open().requestIntercept(call), open().requestIntercept(call)])
    expect(both.map(({ result }) => result)).toEqual(['accepted', 'accepted'])
    expect(await open().resume(call)).toEqual({ result: 'resumed' })
    expect(await open().resume(call)).toEqual({ result: 'resumed' })
  })

  it('that has taken it on, and can be told nothing any more, is waited for', async () => {
    const call = parcelOf('OK')('stop')
    const taken = await interceptWith(open(), call)
    const carrierRef = taken.result === 'accepted' ? taken.carrierRef : undefined
    standIn.book.parcelOf(call.trackingNumber).intercept = undefined
    standIn.book.isAt(call.trackingNumber, 'label')
    const pending = { result: 'pending', askAgainMs: expect.any(Number) }
    expect(await open().stopStatus({ ...call, ...(carrierRef !== undefined && { carrierRef }) })).toEqual(pending)
    // Its own tracking shows it, too, to whoever does not know how UPS calls it.
    expect(await open().stopStatus(call)).toEqual(pending)
  })

  it('that took it on, and whose answer was lost, is waited for all the same, and told not to by an undo', async () => {
    const call = parcelOf('OK')('stop')
    standIn.plan('cut-after', 1, '/return/')
    await expect(interceptWith(open(), call)).rejects.toMatchObject({ reached: 'unknown' })
    const found = await interceptWith(open(), call)
    const later = { ...call, ...(found.result === 'accepted' && { carrierRef: found.carrierRef }) }
    // On the day of delivery it can neither be asked nor told not to, and its tracking does not say that it was asked.
    const parcel = standIn.book.parcelOf(call.trackingNumber)
    parcel.intercept = undefined
    parcel.place = 'label'
    parcel.history.length = 0
    expect(await open().stopStatus(later)).toEqual({ result: 'pending', askAgainMs: expect.any(Number) })
    expect(await since(() => resumeWith(open(), later))).toContainEqual(expect.stringMatching(/^POST .*cancel/))
  })

  it.each([
    ['delivered', { result: 'refused', failure: 'delivered' }],
    ['returning', { result: 'intercepted' }],
  ] as const)('says by its tracking that a parcel is %s', async (place, said) => {
    const call = parcelOf('OK')('stop')
    await interceptWith(open(), call)
    standIn.book.isAt(call.trackingNumber, place)
    expect(await open().stopStatus(call)).toEqual(said)
    expect(await open().track?.(call)).toEqual({
      status: place,
      at: new Date(now).toISOString().replace(/\.\d+/, '.000'),
    })
  })

  it('is asked about no number that is none of its own', async () => {
    const call = parcelOf('OK')('stop', { trackingNumber: '92419900000033499522966220' })
    const requests = await since(async () => {
      expect(await interceptWith(open(), call)).toMatchObject({ result: 'refused', failure: 'ineligible' })
      expect(await open().voidLabel(call)).toMatchObject({ result: 'refused', failure: 'ineligible' })
    })
    expect(requests).toEqual([])
  })

  it('gives one token for many calls, and a new one when it takes the old no longer', async () => {
    const carrier = open()
    const tokens = (requests: string[]) => requests.filter((each) => each.includes('/oauth/token')).length
    const call = parcelOf('OK')('stop')
    expect(tokens(await since(() => Promise.all([carrier.stopStatus(call), carrier.stopStatus(call)])))).toBe(1)
    standIn.forgetTokens()
    expect(tokens(await since(() => carrier.stopStatus(call)))).toBe(1)
    standIn.plan('key-expired', 2)
    await expect(carrier.stopStatus(call)).rejects.toMatchObject({ facts: { trouble: 'setup' } })
  })

  it('that does not know the app needs a person, and no secret is told', async () => {
    const secrets = new Map([['clientSecret', [new Secret('another')]]])
    const failure = await open(accountWith({ secrets }))
      .stopStatus(parcelOf('OK')('stop'))
      .catch((error: Error) => error)
    expect(failure).toMatchObject({ reached: 'before-anything', facts: { trouble: 'setup' } })
    expect(JSON.stringify([String(failure), failure])).not.toMatch(/another|planted|Basic|Bearer/)
  })

  it('is not asked for a merchant who has given its name to a carrier of its own', () => {
    const own = { ...accountWith({ settings: { carriers: ['ups'] } }), name: 'acme-de', provider: 'webhook-carrier' }
    const nameFor = (merchantId: string | undefined, provider: string) => {
      if (provider === 'ups') return 'ups-us'
      return merchantId === 'mer-own' ? own.name : undefined
    }
    const accounts = { find: (name: string) => (name === own.name ? own : accountWith()), nameFor }
    const all = carriers({ sandbox: { turn: () => Promise.reject() }, http, accounts })
    expect(carrierOf(all, { carrier: 'ups', merchantId: 'mer-own' })).toBe(all['webhook-carrier'])
    expect(carrierOf(all, { carrier: 'ups', merchantId: 'mer-3' })).toBe(all.ups)
    expect(carrierOf(all, { carrier: 'ups' })).toBe(all.ups)
  })

  it('without an account needs a person, and nobody is called', async () => {
    const requests = await since(() =>
      expect(
        ups
          .open({ http, accounts: { find: () => undefined, nameFor: () => undefined } })
          .stopStatus(parcelOf('OK')('a')),
      ).rejects.toMatchObject({
        message: expect.stringContaining('name one in ACCOUNTS_FILE'),
        facts: { trouble: 'setup' },
      }),
    )
    expect(requests).toEqual([])
  })
})

describe('a request', () => {
  const call = parcelOf('OK')('stop')
  const { trackingNumber } = call
  it('to void is always of one parcel, by the shipment’s own number where it is known', () => {
    expect(voidRequest(call).path).toMatch(new RegExp(`/${trackingNumber}[?]trackingnumber=${trackingNumber}$`))
    const shipmentRef = '1Z2220060294314162'
    expect(voidRequest({ ...call, shipmentRef }).path).toMatch(new RegExp(`/${shipmentRef}[?]trackingnumber=`))
    expect(voidRequest({ ...call, shipmentRef: '../ship' }).path).toMatch(new RegExp(`/${trackingNumber}[?]`))
  })

  it('to bring a parcel back has what the document asks for, and no more', () => {
    const { headers, body, path } = interceptRequest('return', call, upsSettings.parse(settings))
    expect(path).toBe(`/api/deliveryintercept/v2/return/${trackingNumber}?loc=en_US`)
    expect(headers).toMatchObject({ transid: expect.stringMatching(/^[a-zA-Z0-9-.]{3,14}$/), platformtype: 'XOLT' })
    expect(JSON.parse(body ?? '')).toEqual({
      ...{ requestType: 'RS', reasonForReturn: 'AM', specialInstructions: null },
      requesterContactInfo: { ...contact, displayPhoneNumber: false },
    })
  })

  it('for a token names the shipper where it is one of several', () => {
    const { headers } = tokenRequest(upsSettings.parse({ ...settings, accountNumber: 'A1B2C3' }), 'x')
    expect(headers['x-merchant-id']).toBe('A1B2C3')
  })

  it.each([
    [{ clientId: 'a:b' }, 'clientId'],
    [{ contact: { ...contact, telephone: '0410' } }, 'telephone'],
    [{ contact: { ...contact, name: 'x'.repeat(31) } }, 'name'],
    [{ accountNumber: '1' }, 'accountNumber'],
    [{ apiKey: 'x' }, 'apiKey'],
  ])('is not made of settings with %j', (change, field) => {
    const { error } = upsSettings.safeParse({ ...settings, ...change })
    expect(JSON.stringify(error?.issues)).toContain(field)
  })

  it.each(['1Z', '1z2220060294314162', '1Z222006029431416', '1Z2220060294314162/', ''])('is not made of %j', (number) =>
    expect(isUpsNumber(number)).toBe(false),
  )
})

describe('an answer', () => {
  const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
    ...{ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
  })
  const number = '1Z2220060291994175'
  const failedBy = (code: string, message = 'its words') => ({ response: { errors: [{ code, message }] } })

  // UPS-API/api-documentation, issue 63: as it came.
  const voidedBy = (code: string, own = code) => ({
    VoidShipmentResponse: {
      Response: { ResponseStatus: { Code: '&#xD;&#xD;&#xD;1', Description: '&#xD;Success' } },
      SummaryResult: { Status: { Code: `&#xD;&#xD;&#xD;${code}`, Description: '&#xD;Voided' } },
      PackageLevelResult: {
        TrackingNumber: `&#xD;&#xD;${number}`,
        Status: { Code: `&#xD;&#xD;${own}`, Description: '&#xD;as it is' },
      },
    },
  })

  it('to void is a yes whatever stands before its code, and a no of this parcel counts', () => {
    expect(voidIn(answer(200, voidedBy('1')), number, 0)).toEqual({ result: 'voided' })
    expect(voidIn(answer(200, voidedBy('1', '0')), number, 0)).toMatchObject({
      result: 'refused',
      reason: 'UPS: as it is',
    })
    expect(voidIn(answer(200, voidedBy('0', '1')), number, 0)).toEqual({ result: 'voided' })
    expect(voidIn(answer(200, voidedBy('1')), '1Z2220060294314162', 0)).toEqual({ result: 'voided' })
    expect(voidIn(answer(200, voidedBy('0')), '1Z2220060294314162', 0)).toMatchObject({ result: 'refused' })
    expect(() => voidIn(answer(200, voidedBy('7')), number, 0)).toThrow(expect.objectContaining({ reached: 'unknown' }))
  })

  // Issue 108.
  it('that it finds no shipment to void is a no that leaves the parcel as it is', () => {
    const found = voidIn(answer(400, failedBy('190102', 'No shipment found within the allowed void period')), number, 0)
    expect(found).toEqual({
      ...{ result: 'refused', failure: 'refused' },
      reason: 'UPS: No shipment found within the allowed void period (190102)',
    })
  })

  const rts = (createEligibility: string, cancelEligibility: string) => ({
    response: {
      ...{ transactionId: 't', statusCode: '000', success: true, errors: null },
      commonEligibilityMap: [
        { interceptFeature: 'FD', eligibilityValue: { createEligibility: 'ELIGIBLE', cancelEligibility: 'ELIGIBLE' } },
        { interceptFeature: 'RTS', eligibilityValue: { createEligibility, cancelEligibility } },
      ],
    },
  })
  it.each([
    ['ELIGIBLE', 'NOT_ELIGIBLE', 'can'],
    ['NOT_ELIGIBLE', 'ELIGIBLE', 'asked'],
    ['NOT_ELIGIBLE', 'NOT_ELIGIBLE', 'cannot'],
    ['UNKNOWN', 'NOT_ELIGIBLE', 'unknown'],
    ['NOT_ELIGIBLE', 'UNKNOWN', 'unknown'],
  ])('that it is %s to ask and %s to cancel means: %s', (create, cancel, means) =>
    expect(eligibilityIn(answer(200, rts(create, cancel)), 0)).toBe(means),
  )
  it('without a word about a return means that there is none', () =>
    expect(eligibilityIn(answer(200, { response: { commonEligibilityMap: [] } }), 0)).toBe('cannot'))
  it('that fails to say whether it can is no word about the parcel', () => {
    const errors = [{ errorCode: '500', errorMessage: 'System Error' }]
    expect(() => eligibilityIn(answer(200, { response: { success: false, errors } }), 0)).toThrow('System Error')
  })

  it.each([
    [{ success: true, errors: null, transactionId: 't-1' }, { ref: 't-1' }],
    [{ response: { success: true, errors: [] } }, { ref: undefined }],
    [
      { success: false, errors: [{ errorCode: '1201', errorMessage: 'no' }] },
      { code: '1201', words: 'no' },
    ],
    [
      { success: true, errors: [{ errorCode: '1201', errorMessage: 'no' }] },
      { code: '1201', words: 'no' },
    ],
  ])('of 200 with %j is %j', (body, means) => expect(interceptIn(answer(200, body), 'return', 0)).toEqual(means))

  it.each([
    [200, { success: false, errors: [{ errorCode: '500', errorMessage: 'System Error' }] }],
    [200, { success: false }],
    [200, { done: true }],
    [200, '<html></html>'],
    [400, 'no'],
    [500, failedBy('10004')],
    [503, ''],
    [302, ''],
  ])('of %d with %j leaves open what was done', (status, body) =>
    expect(() => interceptIn(answer(status, body), 'return', 0)).toThrow(
      expect.objectContaining({ reached: 'unknown', facts: {} }),
    ),
  )
  it.each([
    [401, failedBy('250002')],
    [403, ''],
    [404, ''],
    [400, failedBy('710')],
  ])('of %d with %j needs a person', (status, body) =>
    expect(() => interceptIn(answer(status, body), 'return', 0)).toThrow(
      expect.objectContaining({ facts: { trouble: 'setup' } }),
    ),
  )
  it('of 429 says when to ask again', () =>
    expect(() => interceptIn(answer(429, '', { 'retry-after': '7' }), 'return', 0)).toThrow(
      expect.objectContaining({ reached: 'before-anything', facts: { retryAfterMs: 7_000 } }),
    ))

  it.each([400, 401, 403])('of %d to the client id needs a person, and nothing was asked for', (status) =>
    expect(() => tokenIn(answer(status, ''), 0)).toThrow(
      expect.objectContaining({ reached: 'before-anything', facts: { trouble: 'setup' } }),
    ),
  )
  it.each([
    [200, { access_token: 't' }],
    [500, ''],
    [429, ''],
  ])('of %d with %j is no token, and nothing was asked for', (status, body) =>
    expect(() => tokenIn(answer(status, body), 0)).toThrow(
      expect.objectContaining({ reached: 'before-anything', facts: {} }),
    ),
  )
})

describe('tracking', () => {
  const number = '1Z2220060291994175'
  type Status = readonly [type: string, code: string, statusCode: string]
  /** The newest first. */
  const tracked = (...activities: readonly Status[]) => {
    const activity = activities.map(([type, code, statusCode], place) => ({
      ...{ gmtDate: '20260423', gmtTime: `0${9 - place}1519`, status: { type, code, statusCode } },
    }))
    const body = JSON.stringify({
      trackResponse: { shipment: [{ package: [{ trackingNumber: ` ${number}`, activity }] }] },
    })
    return trackedIn({ status: 200, headers: {}, body }, number, 0)
  }
  it.each<[Status, string]>([
    [['M', 'MP', '003'], 'label-created'],
    [['I', 'OR', '005'], 'handed-over'],
    [['I', 'XX', '038'], 'handed-over'],
    [['I', 'DP', '005'], 'in-transit'],
    [['I', 'YP', '071'], 'in-transit'],
    [['I', 'OT', '021'], 'out-for-delivery'],
    [['D', 'FS', '011'], 'delivered'],
    [['D', 'KB', '011'], 'delivered'],
    [['X', 'XX', '036'], 'returning'],
    [['RS', '', ''], 'returning'],
    [['RS', 'DP', '005'], 'returning'],
    [['I', 'OT', '037'], 'returning'],
    [['X', 'XX', '034'], 'returned'],
    [['X', 'RS', '034'], 'returned'],
    [['D', 'FS', '037'], 'returned'],
  ])('of %j is %s, since it was so', (status, is) =>
    expect(tracked(status, ['M', 'MP', '003'])).toEqual({
      ...{ is, at: '2026-04-23T09:15:19.000Z', isVoid: false, isAskedBack: false },
    }),
  )

  it('of what says nothing of its place is what was said before', () =>
    expect(tracked(['X', '77', '013'], ['D', 'ZZ', '040'], ['I', 'DP', '005'])).toMatchObject({
      ...{ is: 'in-transit', at: '2026-04-23T07:15:19.000Z' },
    }))
  it.each<[Status, string]>([
    [['I', 'AR', '005'], 'returning'],
    [['I', 'OR', '005'], 'returning'],
    [['I', 'OT', '021'], 'returning'],
    [['I', 'OT', '037'], 'returning'],
    [['X', '77', '013'], 'returning'],
    [['D', 'FS', '011'], 'returned'],
  ])('of %j after it turned round is %s', (status, is) => {
    for (const turned of ['034', '035', '036', '037'])
      expect(tracked(status, ['I', 'DP', '005'], ['X', 'RS', turned], ['I', 'OR', '005'])).toMatchObject({ is })
  })
  it('of a delivery of what never turned round is one', () =>
    expect(tracked(['D', 'FS', '011'], ['I', 'OT', '021'])).toMatchObject({ is: 'delivered' }))
  it('shows a label that is void, and a return that was asked for', () => {
    expect(tracked(['MV', 'VP', '007'], ['M', 'MP', '003'])).toMatchObject({ isVoid: true })
    expect(tracked(['X', '78', '033'], ['I', 'OR', '005'])).toMatchObject({ isAskedBack: true, is: 'handed-over' })
  })
  it.each([
    [404, { response: { errors: [{ code: '404', message: 'not found' }] } }],
    [200, { trackResponse: { shipment: [{ warnings: [{ code: 'TW0001' }] }] } }],
    [200, { trackResponse: { shipment: [{ package: [{ trackingNumber: 'another', activity: [] }] }] } }],
    [400, { response: { errors: [{ code: 'TV1002', message: 'Invalid inquiry number' }] } }],
  ])('of %d with %j knows nothing of the parcel', (status, body) =>
    expect(trackedIn({ status, headers: {}, body: JSON.stringify(body) }, number, 0)).toEqual({
      ...{ isVoid: false, isAskedBack: false },
    }),
  )
  it.each([
    ['20260423', '091519', '2026-04-23T09:15:19.000Z'],
    ['20260423', '74700', '2026-04-23T07:47:00.000Z'],
    ['20260423', '07:47:00', '2026-04-23T07:47:00.000Z'],
    ['20260431', '256000', undefined],
    ['', '', undefined],
  ])('of %j at %j was at %s', (date, time, at) => expect(momentOf(date, time)).toBe(at))
})
