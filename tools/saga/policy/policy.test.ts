import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { run } from '../run.ts'

const order = {
  ...{ orderId: 'ord-1', market: 'DE', customerKind: 'consumer', salesChannel: 'online', customerId: null },
  ...{ placedAt: '2026-12-01T09:00:00Z', informedAt: '2026-12-01T09:00:00Z' },
  lines: [{ lineId: 'ring', goodsKind: 'custom-made' }, { lineId: 'chain' }],
  shipments: [{ shipmentId: 's1', status: 'in-transit' }],
}
const request = { requestedAt: '2026-12-28T22:30:00Z', initiator: { kind: 'customer' } }
const events = [
  { type: 'shipment.changed.v1', data: { shipmentId: 's1', status: 'delivered', at: '2026-12-12T11:00:00Z' } },
]

let folder = ''
const file = (name: string) => join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countermand-policy-'))
  for (const [name, data] of Object.entries({ order, request, events }))
    await writeFile(file(`${name}.json`), JSON.stringify(data))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What is written, and the exit code. */
const typed = async (...words: string[]) => {
  const parts: string[] = []
  const keep = (text: string | Uint8Array) => parts.push(String(text)) > 0
  const [out, err] = [process.stdout, process.stderr].map((each) => vi.spyOn(each, 'write').mockImplementation(keep))
  try {
    return { code: await run(['node', 'saga', 'policy', ...words]), text: parts.join('') }
  } finally {
    out?.mockRestore()
    err?.mockRestore()
  }
}
const both = () => ['--order', file('order.json'), '--request', file('request.json')]

describe('saga policy', () => {
  it('simulates a request: ground, window, money and why', async () => {
    const { code, text } = await typed('simulate', ...both(), '--events', file('events.json'), '--pack', 'de', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(text)).toMatchObject({
      ground: 'right',
      window: { until: '2026-12-28T23:00:00Z' },
      refund: { dueAt: '2027-01-11T23:00:00Z', means: 'same-or-agreed', withhold: 'goods-or-proof' },
      why: [
        { lineId: 'ring', rule: 'custom-made', pack: 'de@2026.1', cites: [{ law: 'BGB', at: '§ 312g Abs. 2 Nr. 1' }] },
        { lineId: 'chain', rule: 'withdrawal', pack: 'de@2026.1' },
      ],
      assumed: ['goodsKind'],
    })
  })

  it('knows as much as was known then, and leaves out dates that are not known', async () => {
    const words = ['simulate', ...both(), '--events', file('events.json'), '--at', '2026-12-10T00:00:00Z', '--json']
    const { text } = await typed(...words)
    expect(JSON.parse(text).window).toEqual({ timing: 'before' })
  })

  it('explains in the language that is asked for', async () => {
    const { code, text } = await typed('explain', ...both(), '--language', 'de-AT')
    expect(code).toBe(0)
    expect(text).toContain('Ein Recht des Kunden: Niemand darf es ablehnen.')
    expect(text).toContain('BGB § 312g Abs. 2 Nr. 1')
    expect(text).toContain('Dies ist keine Rechtsberatung.')
  })

  it('says of a place without a pack that its law was not looked at, and not that there is no right', async () => {
    await writeFile(file('elsewhere.json'), JSON.stringify({ ...order, market: 'JP' }))
    const words = ['--order', file('elsewhere.json'), '--request', file('request.json')]
    expect((await typed('explain', ...words)).text).toContain('No pack of law is kept for this place')
    const { text } = await typed('simulate', ...words)
    expect(text).toMatch(/^ground +request$/m)
    expect(text).not.toContain('waits for')
  })

  it('says what another version decides otherwise', async () => {
    const { code, text } = await typed('diff', 'zz@2026.1', 'zz@2026.2')
    expect([code, text]).toEqual([1, expect.stringContaining('zz slow: rules terms → slow')])
    expect(await typed('diff', 'de', 'de@2026.1')).toEqual({ code: 0, text: 'nothing changes\n' })
  })

  it('decides the cases, all or of some packs', async () => {
    const { code, text } = await typed('test', 'zz', '--json')
    expect([code, JSON.parse(text).ok, JSON.parse(text).cases.length]).toEqual([0, true, 14])
    expect((await typed('test', 'xx')).code).toBe(2)
  })

  it('finds nothing wrong with our packs, and says how quick it was', async () => {
    const { code, text } = await typed('lint')
    expect(code).toBe(0)
    expect(text).toMatch(/\d+ cells decided in [\d.]+ s; a decision with its clocks takes [\d.]+ ms/)
  })

  it('says what is wrong with a folder of packs, with file and line', async () => {
    const policies = file('policies')
    await mkdir(join(policies, 'xx'), { recursive: true })
    await writeFile(join(policies, 'xx', '2026.1.yaml'), 'pack: xx\nversion: "2026.1"\nrulez: []\n')
    const { code, text } = await typed('lint', '--policies', policies)
    expect([code, text]).toEqual([1, expect.stringContaining('xx/2026.1.yaml:3: unknown key rulez')])
  })

  it('says in one line what it cannot use', async () => {
    expect(await typed('simulate', ...both(), '--pack', 'atlantis')).toEqual({
      code: 2,
      text: expect.stringMatching(/^error: expected one of the packs .*de@2026.1, .*, got atlantis\n$/),
    })
    const missing = await typed('simulate', '--order', file('events.json'), '--request', file('request.json'))
    expect(missing).toEqual({ code: 2, text: expect.stringMatching(/^error: .*events.json cannot be used: it: .*\n$/) })
  })
})
