import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apportion } from './apportion.ts'
import { holdingsOf, holdingsWithout, type KnownParcel, type LineUnits } from './holdings.ts'
import { type ShipmentStatus, shipmentStatus } from './vocabulary.ts'

const parcel = (shipmentId: string, status: ShipmentStatus, units: Readonly<Record<string, number>>): KnownParcel => ({
  ...{ shipmentId, status, lineIds: Object.keys(units) },
  lines: Object.entries(units).map(([lineId, quantity]) => ({ lineId, quantity })),
})

const units = (of: Readonly<Record<string, number>>): LineUnits[] =>
  Object.entries(of).map(([lineId, quantity]) => ({ lineId, quantity }))

/** Of which parcel how many units of which line are taken. */
const takenOf = (
  ordered: Readonly<Record<string, number>>,
  asked: Readonly<Record<string, number>>,
  parcels: KnownParcel[],
) =>
  Object.fromEntries(
    apportion(units(asked), parcels, holdingsOf(units(ordered), parcels)).map(
      ({ shipmentId = 'loose', lineId, quantity }) => [`${shipmentId} ${lineId}`, quantity],
    ),
  )

describe('a cancellation takes', () => {
  it('the unit that is not sent, and leaves the one that was delivered', () => {
    const parcels = [parcel('a', 'delivered', { mug: 1 }), parcel('b', 'label-created', { mug: 1 })]
    expect(takenOf({ mug: 2 }, { mug: 1 }, parcels)).toEqual({ 'b mug': 1 })
  })

  it('what is in no parcel before what is on the road', () => {
    expect(takenOf({ mug: 2 }, { mug: 1 }, [parcel('a', 'in-transit', { mug: 1 })])).toEqual({ 'loose mug': 1 })
  })

  it('what never arrives before all else, and what came back only when there is nothing else', () => {
    const parcels = [
      parcel('a', 'label-created', { mug: 1 }),
      parcel('b', 'lost', { mug: 1 }),
      parcel('c', 'returned', { mug: 1 }),
    ]
    expect(takenOf({ mug: 3 }, { mug: 1 }, parcels)).toEqual({ 'b mug': 1 })
    expect(takenOf({ mug: 3 }, { mug: 2 }, parcels)).toEqual({ 'b mug': 1, 'a mug': 1 })
    expect(takenOf({ mug: 3 }, { mug: 3 }, parcels)).toEqual({ 'b mug': 1, 'a mug': 1, 'c mug': 1 })
  })

  it('one parcel on the road rather than two, and those that fit together rather than the largest', () => {
    const parcels = [1, 1, 2].map((quantity, place) => parcel(`p${place}`, 'in-transit', { mug: quantity }))
    expect(takenOf({ mug: 4 }, { mug: 2 }, parcels)).toEqual({ 'p2 mug': 2 })
    const others = [3, 2, 2].map((quantity, place) => parcel(`p${place}`, 'in-transit', { mug: quantity }))
    expect(takenOf({ mug: 7 }, { mug: 4 }, others)).toEqual({ 'p1 mug': 2, 'p2 mug': 2 })
  })

  it('units of a parcel that cannot be had when nothing else is left, so that whoever stops it can say why', () => {
    const parcels = [parcel('a', 'delivered', { mug: 1 }), parcel('b', 'in-transit', { mug: 1, tea: 1 })]
    expect(takenOf({ mug: 2, tea: 1 }, { mug: 1 }, parcels)).toEqual({ 'b mug': 1 })
    expect(takenOf({ mug: 2, tea: 1 }, { mug: 2 }, parcels)).toEqual({ 'b mug': 1, 'a mug': 1 })
  })

  it('of one parcel rather than of two that have not left', () => {
    const parcels = [1, 1, 3, 2].map((quantity, place) => parcel(`p${place}`, 'label-created', { mug: quantity }))
    expect(takenOf({ mug: 7 }, { mug: 2 }, parcels)).toEqual({ 'p3 mug': 2 })
    expect(takenOf({ mug: 7 }, { mug: 3 }, parcels)).toEqual({ 'p2 mug': 3 })
  })

  it('all that is asked for when nobody says how many are in which parcel', () => {
    const silent = { shipmentId: 'a', status: 'in-transit', lineIds: ['mug'] } as const
    expect(takenOf({ mug: 3 }, { mug: 2 }, [silent])).toEqual({ 'loose mug': 2 })
    expect(takenOf({ mug: 3 }, { mug: 2 }, [silent, parcel('b', 'in-transit', { mug: 1 })])).toEqual({ 'loose mug': 2 })
    expect(takenOf({ mug: 3 }, { mug: 1 }, [silent, parcel('b', 'label-created', { mug: 1 })])).toEqual({ 'b mug': 1 })
  })

  // Where each parcel looks through all of each other, it takes minutes: then the runner's limit is passed.
  it('of two hundred parcels', () => {
    const many = Array.from({ length: 200 }, (_, place) => parcel(`p${place}`, 'in-transit', { mug: 7 + (place % 3) }))
    const taken = Object.values(takenOf({ mug: 1_600 }, { mug: 799 }, many))
    expect(taken.reduce((sum, units) => sum + units, 0)).toBe(799)
  })
})

const lineIds = ['mug', 'tea']
const status = fc.constantFrom(...shipmentStatus.options, 'in-transit' as const, 'label-created' as const)
const parcelArbitrary = fc.tuple(status, fc.record({ mug: fc.nat(3), tea: fc.nat(3) }), fc.integer({ min: 0, max: 9 }))

const situation = fc
  .record({
    parcels: fc.array(parcelArbitrary, { maxLength: 6 }),
    more: fc.record({ mug: fc.nat(2), tea: fc.nat(2) }),
    shares: fc.record({ mug: fc.nat(100), tea: fc.nat(100) }),
  })
  .map(({ parcels, more, shares }) => {
    const known = parcels.map(([state, held, silent], place): KnownParcel => {
      const said = parcel(
        `p${place}`,
        state,
        Object.fromEntries(Object.entries(held).filter(([, quantity]) => quantity > 0)),
      )
      return silent === 0 ? { ...said, lines: null } : said
    })
    const ordered = Object.fromEntries(
      lineIds.map((lineId) => {
        const held = known.flatMap(({ lines }) => lines ?? []).filter((each) => each.lineId === lineId)
        return [
          lineId,
          held.reduce((total, { quantity }) => total + quantity, 1 + (more[lineId as 'mug' | 'tea'] ?? 0)),
        ]
      }),
    )
    const asked = Object.fromEntries(
      lineIds.map((lineId) => [lineId, Math.floor(((ordered[lineId] ?? 0) * shares[lineId as 'mug' | 'tea']) / 100)]),
    )
    return { known, ordered: units(ordered), asked: units(asked) }
  })

const isOnTheRoad = ({ status: is }: KnownParcel) => is === 'in-transit' || is === 'handed-over'

describe('whatever is where', () => {
  it('exactly what is asked for is taken, nothing twice, and of no parcel more than it holds', () => {
    fc.assert(
      fc.property(situation, ({ known, ordered, asked }) => {
        const holdings = holdingsOf(ordered, known)
        for (const { lineId, quantity } of ordered) {
          const inParcels = [...holdings.inParcels.values()].reduce((total, each) => total + (each.get(lineId) ?? 0), 0)
          expect(inParcels + (holdings.loose.get(lineId)?.quantity ?? 0)).toBe(quantity)
        }
        const taken = apportion(asked, known, holdings)
        for (const { lineId, quantity } of asked)
          expect(taken.reduce((total, each) => total + (each.lineId === lineId ? each.quantity : 0), 0)).toBe(quantity)
        for (const { shipmentId, lineId, quantity } of taken) {
          const there =
            shipmentId === undefined
              ? holdings.loose.get(lineId)?.quantity
              : holdings.inParcels.get(shipmentId)?.get(lineId)
          expect(quantity).toBeLessThanOrEqual(there ?? 0)
        }
        const rest = holdingsWithout(holdings, taken)
        const again = apportion(
          units(Object.fromEntries(ordered.map(({ lineId, quantity }) => [lineId, quantity]))),
          known,
          rest,
        )
        expect(again.filter(({ quantity }) => quantity <= 0)).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  it('no parcel on the road is stopped that need not be, and none in part unless there is no other way', () => {
    fc.assert(
      fc.property(situation, ({ known, ordered, asked }) => {
        const holdings = holdingsOf(ordered, known)
        const inParcel = (id: string, lineId: string) => holdings.inParcels.get(id)?.get(lineId) ?? 0
        const looseOf = (lineId: string, here: boolean) => {
          const each = holdings.loose.get(lineId)
          return each?.here === here ? each.quantity : 0
        }
        const road = known.filter((each) => isOnTheRoad(each) && each.lines !== null)
        const capacity = (lineId: string, statuses: readonly ShipmentStatus[]) =>
          known.reduce(
            (total, each) => total + (statuses.includes(each.status) ? inParcel(each.shipmentId, lineId) : 0),
            0,
          )
        const easy = (lineId: string) =>
          looseOf(lineId, true) + capacity(lineId, ['lost', 'returning', 'label-created'])
        const worse = (lineId: string) => easy(lineId) + looseOf(lineId, false) + capacity(lineId, ['returned'])
        /** How many parcels on the road it takes at least, when so much of each line is to be had elsewhere. */
        const fewest = (elsewhere: (lineId: string) => number): number | undefined =>
          Array.from({ length: 2 ** road.length }, (_, set) =>
            road.filter((__, place) => Math.floor(set / 2 ** place) % 2 === 1),
          )
            .filter((chosen) =>
              asked.every(({ lineId, quantity }) => {
                const held = chosen.reduce((total, each) => total + inParcel(each.shipmentId, lineId), 0)
                return held <= quantity && quantity - held <= elsewhere(lineId)
              }),
            )
            .map((chosen) => chosen.length)
            .toSorted((one, other) => one - other)[0]
        const taken = apportion(asked, known, holdings)
        const touched = road.filter(({ shipmentId }) => taken.some((each) => each.shipmentId === shipmentId))
        const possible = fewest(easy) ?? fewest(worse)
        if (possible === undefined) return
        expect(touched).toHaveLength(possible)
        for (const { shipmentId } of touched)
          for (const lineId of lineIds)
            expect(
              taken.reduce(
                (total, each) => total + (each.shipmentId === shipmentId && each.lineId === lineId ? each.quantity : 0),
                0,
              ),
            ).toBe(inParcel(shipmentId, lineId))
      }),
      { numRuns: 3_000 },
    )
  })
})
