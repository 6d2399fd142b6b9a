import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually } from '@countermand/testing'
import { connectOutside } from '@countermand/tools/shop/outside.ts'
import { play } from '@countermand/tools/shop/play.ts'
import { scenarios } from '@countermand/tools/shop/scenarios.ts'
import { choosePorts, processNames } from '@countermand/tools/system/index.ts'
import { readRunning } from '@countermand/tools/system/running.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { freshDatabases } from './world.ts'

const execute = promisify(execFile)
const tool = (name: string): string => fileURLToPath(new URL(`../../tools/${name}`, import.meta.url))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}
const failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })

const run = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> =>
  execute(process.execPath, [...args], { env, timeout: 120_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => failed.parse(error),
  )

let home: string
let fresh: Awaited<ReturnType<typeof freshDatabases>>
/** The shared stack by its addresses, and ports, topics, databases and a namespace of our own. */
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  const stack = inject('stack')
  home = await mkdtemp(join(tmpdir(), 'countermand-commands-'))
  fresh = await freshDatabases(stack)
  const ports = await choosePorts('free', {})
  const id = randomUUID().slice(0, 8)
  env = {
    ...process.env,
    NO_COLOR: '1',
    LOG_LEVEL: 'info',
    COUNTERMAND_HOME: home,
    KAFKA_BROKERS: stack.kafkaBrokers,
    KAFKA_TOPIC_PREFIX: `cmd-${id}.`,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    TEMPORAL_NAMESPACE: `cmd-${id}`,
    ...Object.fromEntries(Object.entries(fresh.urls).map(([name, url]) => [`${name.toUpperCase()}_DATABASE_URL`, url])),
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [`${name.toUpperCase()}_HTTP_PORT`, `${port}`])),
  }
})
afterAll(async () => {
  await fresh?.drop()
  await rm(home, { recursive: true, force: true })
})

describe('npm start', () => {
  let started: ChildProcess
  const ended = Promise.withResolvers<number | null>()

  /** Without the addresses: they are found in `running.json`. */
  const saga = (...args: string[]) =>
    run([tool('saga/main.ts'), ...args], { PATH: process.env.PATH, NO_COLOR: '1', COUNTERMAND_HOME: home })

  beforeAll(async () => {
    started = spawn(process.execPath, [tool('start.ts')], { env, stdio: 'ignore' })
    started.once('exit', ended.resolve)
    await eventually('running.json', () => readRunning(home), 120_000)
  })
  afterAll(() => {
    started.kill('SIGKILL')
  })

  it('says so when it is started a second time', async () => {
    const second = await run([tool('start.ts')], env)
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(/port \d+ \(ORDER_HTTP_PORT\).* in use/)
    expect(await readRunning(home)).toBeDefined()
  })

  it('is found by the command line, which shows a saga, lists it and verifies', async () => {
    const running = await readRunning(home)
    const outside = await connectOutside(running ?? expect.fail('nothing is running'))
    const [unshipped] = scenarios
    const { orderId, requestId } = await play(unshipped ?? expect.fail(), outside, { withinMs: 40_000 })
    await outside.stop()

    const listed = await eventually('the saga in the list', async () => {
      const found = z
        .array(z.looseObject({}))
        .parse(JSON.parse((await saga('list', '--order', orderId, '--json')).stdout))
      return found[0]?.outcome ? found : undefined
    })
    const workflowId = `cancel-${orderId}-${requestId}`
    const attention = { needsAttention: false, attentionReason: null }
    expect(listed).toMatchObject([
      { requestId, orderId, workflowId, stage: 'closed', outcome: 'cancelled', ...attention },
    ])

    const shown = await saga('show', requestId, '--json')
    expect(shown.code).toBe(0)
    expect(JSON.parse(shown.stdout)).toMatchObject({
      requestId,
      outcome: 'cancelled',
      order: { status: 'cancelled' },
      stock: [{ onSale: 2 }],
      shipments: [],
      payment: { tenders: [{ refunded: 3351 }] },
      timeline: expect.arrayContaining([
        expect.objectContaining({ name: 'RefundOrder', kind: 'command', service: 'payment' }),
        expect.objectContaining({ name: 'RefundSettled', kind: 'answer', service: 'payment' }),
      ]),
    })
    expect((await saga('show', orderId)).stdout).toContain('ConfirmCancellation')

    const explained = await saga('policy', 'explain', orderId, '--pack', 'de', '--json')
    expect(explained.stderr).toBe('')
    expect(JSON.parse(explained.stdout)).toMatchObject({
      ...{ pack: 'de@2026.1', ground: 'right', window: { timing: 'before' } },
      lines: [{ lineId: '1', why: [{ rule: 'nothing-to-send-back' }] }],
    })
    const changed = await saga('policy', 'diff', 'none', 'de', '--since', '1h', '--json')
    expect(changed.code).toBe(1)
    expect(JSON.parse(changed.stdout).cases).toContainEqual({
      id: requestId,
      changes: expect.arrayContaining([{ what: 'ground', from: 'request', to: 'right' }]),
    })
    expect((await saga('policy', 'explain', 'nobody-knows-it')).stderr).toContain('expected a request, or an order')

    const verified = await saga('verify', '--json')
    expect(verified.code).toBe(0)
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, checked: 6, requests: 1, violations: [] })
  })

  it('has a command line that exits 1 when an invariant is broken, and 2 on wrong use, in one line', async () => {
    await fresh.all.inventory.database.deleteFrom('stock').execute()
    const broken = await saga('verify')
    expect(broken.code).toBe(1)
    expect(broken.stdout).toContain('✗ 2. every unit of stock is in one place')
    const unknown = await saga('show', 'nobody')
    expect(unknown).toMatchObject({ code: 2, stdout: '' })
    expect(
      unknown.stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('error:')),
    ).toHaveLength(1)
    expect((await saga('dance')).code).toBe(2)
    expect((await saga('verify', '--verbose-please')).code).toBe(2)
  })

  it('ends all of it on SIGTERM and exits 0', async () => {
    const running = await readRunning(home)
    const pids = Object.values(running?.pids ?? {})
    expect(pids).toHaveLength(processNames.length)
    started.kill('SIGTERM')
    expect(await ended.promise).toBe(0)
    const left = await execute('ps', ['-o', 'pid=', '-p', pids.join(',')]).catch(() => ({ stdout: '' }))
    expect(left.stdout.trim()).toBe('')
    expect(await readRunning(home)).toBeUndefined()
    expect(await readFile(join(home, 'logs', 'order.log'), 'utf8')).toContain('"msg":"stopped"')
  })
})

describe('npm run demo -- --json', () => {
  it('prints one document, with every scenario as promised', async () => {
    const databases = await freshDatabases(inject('stack'))
    const id = randomUUID().slice(0, 8)
    const urls = Object.entries(databases.urls).map(([name, url]) => [`${name.toUpperCase()}_DATABASE_URL`, url])
    const own = { KAFKA_TOPIC_PREFIX: `demo-${id}.`, TEMPORAL_NAMESPACE: `demo-${id}`, ...Object.fromEntries(urls) }
    const { code, stdout } = await run([tool('demo/main.ts'), '--json'], { ...env, ...own })
    await databases.drop()
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({ ok: true, invariants: { checked: 6, violations: [] } })
    expect(Object.keys(document)).toEqual(['ok', 'seconds', 'versions', 'sagas', 'deadLetters', 'invariants'])
    expect(document.sagas.map(({ scenario }: { scenario: string }) => scenario)).toEqual(
      scenarios.map(({ name }) => name),
    )
    expect(document.deadLetters).toMatchObject([{ reason: 'unreadable-json' }])
    expect(code).toBe(0)
  })
})
