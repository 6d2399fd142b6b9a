import { printableTexts } from '@countermand/testing/hostile-text.ts'
import { describe, expect, it } from 'vitest'
import { interceptWith, resumeWith, voidWith } from './ask.ts'
import type { Carrier, CarrierCall, StatusResult, StopResult } from './carrier.ts'

/** Calls about one parcel that nobody else asks about: the same key is the same call. */
export type ParcelCalls = (key: string, fields?: Partial<CarrierCall>) => CarrierCall

/** What becomes of a parcel when a carrier is asked to stop it. */
export type Habit =
  | 'stops'
  | 'refuses'
  /** Taken on, and stopped a little later; or never. */
  | 'stops-later'
  | 'never-answers'
  /** The first call does nothing and fails. */
  | 'not-reached-once'
  /** In round 1 it fails to take a stop back, and does nothing. */
  | 'resumes-in-round-2'

/** Tracking numbers by which the sandbox, and the stand-in of a carrier, have each habit. */
export const trackingNumbers: Readonly<Record<Habit, string>> = {
  stops: 'OK-1',
  refuses: 'REFUSE-1',
  'stops-later': 'SLOW-300',
  'never-answers': 'SILENT-1',
  'not-reached-once': 'FLAKY-1',
  'resumes-in-round-2': 'NORESUME-1',
}

/** Carriers are asked as logistics asks them (`ask.ts`): one that knows no keys is looked at first. */
export interface CarrierRig {
  readonly open: () => Carrier
  /** `none`: it knows no keys. */
  readonly keys: 'known' | 'none'
  /** Who makes a new label. */
  readonly labels: 'carrier' | 'shop'
  /** One that does its work and loses its answers; one that never gives any. */
  readonly openLosing: () => Carrier
  readonly openSilent: () => Carrier
  /** One that is known to be away. */
  readonly openAway: () => Carrier
  readonly parcel: (habit: Habit, status?: CarrierCall['status']) => ParcelCalls
  /** What the carrier itself holds to be so with the parcel, now. */
  readonly stateOf: (call: CarrierCall) => Promise<'goes' | 'label-voided' | 'turned-round'>
  /** Waits until it is so. */
  readonly until: (what: string, is: () => Promise<boolean>) => Promise<unknown>
}

/** Asks to bring a parcel back, and waits for what comes of it: some carriers do it by and by, and take it on for now. */
const broughtBack = async ({ open, until }: CarrierRig, call: CarrierCall): Promise<StopResult | StatusResult> => {
  const said = await interceptWith(open(), call)
  if (said.result !== 'accepted') return said
  const { carrierRef } = said
  const asked = { ...call, ...(carrierRef !== undefined && { carrierRef }) }
  await until('what was taken on to be done', async () => (await open().stopStatus(asked)).result !== 'pending')
  return await open().stopStatus(asked)
}

const stops = (rig: CarrierRig): void => {
  const { open, parcel, stateOf, until } = rig
  it('turns a parcel round that is on the road', async () => {
    const call = parcel('stops')('stop')
    expect(await broughtBack(rig, call)).toEqual({ result: 'intercepted' })
    expect(await stateOf(call)).toBe('turned-round')
    expect(await open().stopStatus(call)).toEqual({ result: 'intercepted' })
  })

  it('voids the label of one that was not handed over', async () => {
    const call = parcel('stops', 'label-created')('stop')
    expect(await voidWith(open(), call)).toEqual({ result: 'voided' })
    expect(await stateOf(call)).toBe('label-voided')
    expect(await open().stopStatus(call)).toEqual({ result: 'voided' })
  })

  it.each(['intercept', 'void'] as const)('stays with a final no to %s, and the parcel goes', async (way) => {
    const call = parcel('refuses', way === 'void' ? 'label-created' : 'in-transit')('stop')
    const ask = () => (way === 'void' ? voidWith : interceptWith)(open(), call)
    expect(await ask()).toMatchObject({ result: 'refused', failure: expect.stringMatching(/\S/) })
    expect(await ask()).toMatchObject({ result: 'refused' })
    // It says that it refused, or that it holds no stop.
    expect((await open().stopStatus(call)).result).toMatch(/^(refused|none)$/)
    expect(await stateOf(call)).toBe('goes')
  })

  it.each(['out-for-delivery', 'delivered'] as const)('does not turn round what is %s', async (status) => {
    const call = parcel('stops', status)('stop')
    expect(await interceptWith(open(), call)).toEqual({ result: 'refused', failure: status })
    expect(await stateOf(call)).toBe('goes')
  })

  it('takes on now what it does later, says when to ask, and says then that it is done', async () => {
    const call = parcel('stops-later')('stop')
    const taken = await interceptWith(open(), call)
    expect(taken).toMatchObject({ result: 'accepted', askAgainMs: expect.any(Number) })
    expect(taken.result === 'accepted' && taken.askAgainMs).toBeGreaterThan(0)
    expect(await open().stopStatus(call)).toEqual({ result: 'pending', askAgainMs: expect.any(Number) })
    expect(await stateOf(call)).toBe('goes')
    await until('the parcel to be stopped', async () => (await open().stopStatus(call)).result === 'intercepted')
    expect(await stateOf(call)).toBe('turned-round')
  })

  it('says nothing of a stop that it was never asked for but that there is none', async () => {
    const call = parcel('stops')('never')
    const said = await open()
      .stopStatus(call)
      .then(
        ({ result }) => result,
        (error: Error) => error.message,
      )
    expect(said).not.toMatch(/^(pending|voided|intercepted|)$/)
    expect(await stateOf(call)).toBe('goes')
  })
}

const onceForEachKey = ({ open, parcel, stateOf }: CarrierRig): void => {
  it('does a call once however often and at once it is made, and gives the first answer again', async () => {
    const call = parcel('stops')
    const twenty = Array.from({ length: 20 }, () => open().requestIntercept(call('stop')))
    expect(new Set((await Promise.all(twenty)).map((answer) => JSON.stringify(answer)))).toEqual(
      new Set(['{"result":"intercepted"}']),
    )
    expect(await open().resume(call('undo'))).toEqual({ result: 'resumed' })
    expect(await open().requestIntercept(call('stop'))).toEqual({ result: 'intercepted' })
    // A late duplicate of the stop does not undo its undo.
    expect(await stateOf(call('stop'))).toBe('goes')
  })
}

const calls = (rig: CarrierRig): void => {
  const { open, openLosing, openSilent, parcel, stateOf, until, keys, labels } = rig
  if (keys === 'known') onceForEachKey(rig)

  it('does not void again what it voided when its answer was lost', async () => {
    const call = parcel('stops', 'label-created')
    await expect(openLosing().voidLabel(call('stop'))).rejects.toThrow(/\S/)
    expect(await stateOf(call('stop'))).toBe('label-voided')
    expect(await voidWith(open(), call('stop'))).toEqual({ result: 'voided' })
  })

  it.runIf(labels === 'carrier')('makes one label when its answer was lost', async () => {
    const call = parcel('stops', 'label-created')
    await open().voidLabel(call('stop'))
    await expect(openLosing().relabel(call('undo'))).rejects.toThrow(/\S/)
    const label = await open().relabel(call('undo'))
    expect(await open().relabel(call('undo'))).toEqual(label)
  })

  it('finds by its status what was done and never answered', async () => {
    const call = parcel('stops')('stop')
    void openSilent().requestIntercept(call)
    await until('it to be done', async () => (await stateOf(call)) === 'turned-round')
    expect(await open().stopStatus(call)).toEqual({ result: 'intercepted' })
    expect(await interceptWith(open(), call)).toEqual({ result: 'intercepted' })
  })

  it('fails in words when it cannot be reached, with nothing done, and does it when asked again', async () => {
    const call = parcel('not-reached-once')('stop')
    await expect(interceptWith(open(), call)).rejects.toThrow(/\S/)
    expect(await stateOf(call)).toBe('goes')
    expect(await broughtBack(rig, call)).toEqual({ result: 'intercepted' })
  })

  it.each(Object.entries(printableTexts))('takes ids with %s as they are', async (_, text) => {
    const call = parcel('stops')
    const key = call(encodeURIComponent(text)).idempotencyKey
    const hostile = call('', { shipmentId: text, idempotencyKey: key })
    expect(await broughtBack(rig, hostile)).toEqual({ result: 'intercepted' })
    expect(await open().stopStatus(hostile)).toEqual({ result: 'intercepted' })
  })
}

const takesBack = ({ open, parcel, stateOf, until, labels }: CarrierRig): void => {
  it('takes an intercept back, and the parcel goes to the customer', async () => {
    const call = parcel('stops')
    await interceptWith(open(), call('stop'))
    expect(await resumeWith(open(), call('undo'))).toEqual({ result: 'resumed' })
    expect(await stateOf(call('undo'))).toBe('goes')
    expect(await resumeWith(open(), call('undo'))).toEqual({ result: 'resumed' })
  })

  it('takes one back that it has not answered, so that it never takes effect', async () => {
    const call = parcel('stops-later')
    const other = parcel('stops-later')
    await interceptWith(open(), call('stop'))
    await interceptWith(open(), other('stop'))
    expect(await resumeWith(open(), call('undo'))).toEqual({ result: 'resumed' })
    await until('the time of both to be over', async () => (await stateOf(other('stop'))) === 'turned-round')
    expect(await stateOf(call('stop'))).toBe('goes')
  })

  it.each(['stops', 'never-answers'] as const)(
    'lets a parcel go that %s, also when it was never stopped',
    async (habit) => {
      const call = parcel(habit)
      expect(await resumeWith(open(), call('undo'))).toEqual({ result: 'resumed' })
      expect(await stateOf(call('undo'))).toBe('goes')
    },
  )

  it.runIf(labels === 'shop')('says that only the shop can make a label', async () => {
    const call = parcel('stops', 'label-created')
    await voidWith(open(), call('stop'))
    expect(await open().relabel(call('undo'))).toEqual({ result: 'requested' })
  })

  it.runIf(labels === 'carrier')(
    'gives a new label once for one that was voided, and none for one that is valid',
    async () => {
      const call = parcel('stops', 'label-created')
      const { trackingNumber } = call('')
      expect(await open().relabel(call('early'))).toEqual({ result: 'labelled', trackingNumber })
      await open().voidLabel(call('stop'))
      const label = await open().relabel(call('undo'))
      expect(label).toEqual({ result: 'labelled', trackingNumber: expect.not.stringMatching(`^${trackingNumber}$`) })
      expect(await open().relabel(call('undo'))).toEqual(label)
      expect(await stateOf(call('undo'))).toBe('goes')
    },
  )

  it('fails in words when a stop cannot be taken back yet, and takes it back when asked in another round', async () => {
    const call = parcel('resumes-in-round-2')
    await interceptWith(open(), call('stop'))
    const { result } = await open().stopStatus(call('stop'))
    await expect(resumeWith(open(), call('undo'))).rejects.toThrow(/\S/)
    expect(await open().stopStatus(call('stop'))).toMatchObject({ result })
    expect(await resumeWith(open(), call('undo', { round: 2 }))).toEqual({ result: 'resumed' })
    expect(await stateOf(call('undo'))).toBe('goes')
  })
}

/** After the refund the label of a parcel that was held is voided, for its postage, whatever has become of it. */
const givesLabelsBack = ({ open, openLosing, parcel, stateOf }: CarrierRig): void => {
  it('voids once the label of a parcel that was kept, also when the answer was lost, and says so to every round', async () => {
    const call = parcel('stops', 'label-created')
    await expect(openLosing().voidLabel(call('release'))).rejects.toThrow(/\S/)
    for (const round of [1, 2]) expect(await voidWith(open(), call('release', { round }))).toEqual({ result: 'voided' })
    expect(await stateOf(call('release'))).toBe('label-voided')
  })

  it('says no to one that it does not take back any more, and that is final', async () => {
    const call = parcel('refuses', 'label-created')
    for (const round of [1, 2])
      expect(await voidWith(open(), call('release', { round }))).toMatchObject({ result: 'refused' })
    expect(await stateOf(call('release'))).toBe('goes')
  })
}

const isAway = ({ openAway, parcel, stateOf, labels }: CarrierRig): void => {
  const asked = ['voidLabel', 'requestIntercept', 'stopStatus', 'resume'] as const
  it.each(labels === 'carrier' ? ([...asked, 'relabel'] as const) : asked)(
    'is told of %s to be away, which is no attempt, and does nothing',
    async (operation) => {
      const carrier = openAway()
      const call = parcel(
        'stops',
        operation === 'voidLabel' || operation === 'relabel' ? 'label-created' : 'in-transit',
      )
      await expect(carrier[operation](call('away'))).rejects.toMatchObject({
        ...{ name: 'CallFailed', facts: { trouble: 'outage', retryAfterMs: expect.any(Number) } },
      })
      expect(await stateOf(call('away'))).toBe('goes')
    },
  )
}

/** What every carrier keeps. */
export const carrierConformance = (rig: CarrierRig): void => {
  describe('a stop', () => stops(rig))
  describe('a call', () => calls(rig))
  describe('an undo', () => takesBack(rig))
  describe('a label that is given back', () => givesLabelsBack(rig))
  describe('a carrier that is away', () => isAway(rig))
}
