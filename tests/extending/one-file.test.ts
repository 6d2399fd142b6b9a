import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { copySources } from './copy.ts'

// Each test is a type check or three.
vi.setConfig({ testTimeout: 300_000 })

let copy: Awaited<ReturnType<typeof copySources>>
beforeAll(async () => {
  copy = await copySources()
})
afterAll(() => copy.remove())

/** With the shops in memory that play all four services. */
const checked = ['services', 'tests/failures/shop.ts', 'tests/failures/random/shop.ts']

describe('a payment channel is added by one file and its line in the table, when the contracts have its name and habit,', () => {
  const table = 'services/payment/channels/index.ts'
  const habits = 'shared/contracts/refund-habits.ts'
  const file = `
    import { type Channel, later, type TenderKind, withoutLimits } from './channel.ts'
    const done = { outcome: 'succeeded', providerRef: 're_1' } as const
    export const throwAway = {
      home: 'original',
      open: (): Channel => ({
        facts: withoutLimits,
        refund: async () => done,
        status: async () => done,
        expectedBy: (now) => later(now, 7_000),
        pollAfterMs: () => 1_000,
      }),
    } satisfies TenderKind`
  /** A refund of two tenders; the first line of the table is asked first. */
  const refund = `
    import { channels } from './services/payment/channels/index.ts'
    import { createWorld } from './services/payment/test/world.ts'
    const world = createWorld(channels({ sandbox: { refund: () => Promise.reject(), status: () => Promise.reject() } }))
    world.accept([
      { tenderId: 'gift', channel: 'gift-card', amount: 50, paymentRef: 'g' },
      { tenderId: 'thrown', channel: 'throw-away', amount: 50, paymentRef: 'pay_1' },
    ])
    world.refund()
    while (world.tasks.size > 0) (await world.start([...world.tasks.keys()][0]))()
    console.log(JSON.stringify(world.replies.map(({ type, data }) => [type, ...data.tenders.map(({ channel, state }) => [channel, state])])))`

  it('and the compiler names the table as long as the line is missing, or the name', async () => {
    await copy.write('services/payment/channels/throw-away.ts', file)
    await copy.edit(
      'shared/contracts/vocabulary.ts',
      "z.enum([\n  'sandbox-card',\n  'sandbox-wallet',",
      "z.enum([\n  'sandbox-card',\n  'throw-away',\n  'sandbox-wallet',",
    )
    // What customers are told beforehand of its refunds is said in the contracts too.
    expect((await copy.typeErrors('services/payment/handlers.ts')).toSorted()).toEqual([table, habits])
    await copy.edit(habits, "  'sandbox-card':", `  'throw-away': { home: 'original', days: 0 },\n  'sandbox-card':`)
    expect(await copy.typeErrors('services/payment/handlers.ts')).toEqual([table])
    await copy.edit('shared/contracts/vocabulary.ts', "  'throw-away',\n  'sandbox-wallet',", "  'sandbox-wallet',")
    await copy.edit(
      table,
      "  'sandbox-card': sandboxCard,",
      "  'throw-away': throwAway,\n  'sandbox-card': sandboxCard,",
    )
    await copy.edit(
      table,
      'import { storeCredit }',
      "import { throwAway } from './throw-away.ts'\nimport { storeCredit }",
    )
    expect((await copy.typeErrors('services/payment/handlers.ts')).toSorted()).toEqual([table, habits])
    await copy.edit(
      'shared/contracts/vocabulary.ts',
      "z.enum([\n  'sandbox-card',\n  'sandbox-wallet',",
      "z.enum([\n  'sandbox-card',\n  'throw-away',\n  'sandbox-wallet',",
    )
    expect(await copy.typeErrors(...checked)).toEqual([])
  })

  it('and then it is planned with, called, read back and told of', async () => {
    expect(await copy.play(refund)).toEqual([
      ['RefundSettled', ['throw-away', 'succeeded'], ['gift-card', 'succeeded']],
    ])
  })

  it('and one whose money is to move cannot forget who moves it', async () => {
    const forgetful = file.replace(/open: [\s\S]*\}\),\n/, '')
    await copy.write('services/payment/channels/throw-away.ts', forgetful)
    expect(await copy.typeErrors('services/payment/handlers.ts')).toContain('services/payment/channels/throw-away.ts')
    await copy.write('services/payment/channels/throw-away.ts', file)
  })
})

describe('a carrier is added by one file and its line in the table,', () => {
  const table = 'services/logistics/carriers/index.ts'
  const file = (stop: string) => `
    import type { Carrier, CarrierKind } from './carrier.ts'
    const carrier: Carrier = {
      voidLabel: async () => ({ result: 'voided' }),
      requestIntercept: async () => ({ result: '${stop}' }),
      stopStatus: async () => ({ result: 'intercepted' }),
      resume: async () => ({ result: 'resumed' }),
      relabel: async ({ trackingNumber }) => ({ result: 'labelled', trackingNumber }),
    }
    export const throwAway = { open: () => carrier } satisfies CarrierKind<unknown>`
  const stop = `
    import { given, parcel } from './services/logistics/test/given.ts'
    const world = given({ ...parcel('shp-1', 'T-1', 'in-transit'), carrier: 'throw-away' })
    const lines = [{ lineId: '1', quantity: 2, sku: 'SKU-MUG' }, { lineId: '2', quantity: 1, sku: 'SKU-TEA' }]
    const asked = world.send('StopShipment', { requestId: 'req-1', round: 1, whole: true, lines })
    await world.run(600_000)
    console.log(JSON.stringify(world.lastAnswer(asked)))`

  it('and is called for the parcels that carry its name', async () => {
    await copy.write('services/logistics/carriers/throw-away.ts', file('intercepted'))
    expect(await copy.play(stop)).toMatchObject({ type: 'StepFailed', error: expect.stringContaining('throw-away') })
    await copy.edit(table, '  sandbox: sandboxCarrier,', "  sandbox: sandboxCarrier,\n  'throw-away': throwAway,")
    await copy.edit(table, "from './sandbox.ts'", "from './sandbox.ts'\nimport { throwAway } from './throw-away.ts'")
    expect(await copy.typeErrors(...checked)).toEqual([])
    expect(await copy.play(stop)).toMatchObject({ type: 'ShipmentIntercepted' })
  })

  it('and cannot give an answer that logistics does not know', async () => {
    await copy.write('services/logistics/carriers/throw-away.ts', file('sent-to-the-moon'))
    expect(await copy.typeErrors('services/logistics/handlers.ts')).toEqual([
      'services/logistics/carriers/throw-away.ts',
    ])
  })
})
