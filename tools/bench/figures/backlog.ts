import { cpuBetween, readCpu } from '../cpu.ts'
import { type Bench, runOf } from '../measure.ts'
import { ordersOf } from '../orders.ts'
import type { Finding } from './finding.ts'

const hourMs = 3_600_000

/** The orchestrator was down for an hour and cancel events went on coming: it starts, and drains them. */
export const backlog = async (bench: Bench): Promise<Finding> => {
  const { stage, driver, plan, say } = bench
  const orders = ordersOf(plan.backlog)
  await driver.place(orders)
  await stage.stopOrchestrator()
  const now = Date.now()
  const requestedAt = (place: number) => new Date(now - hourMs + (place * hourMs) / orders.length).toISOString()
  const requests = await driver.request(
    orders.map(({ orderId }) => orderId),
    requestedAt,
  )
  say(`${requests.length} events wait, the orchestrator starts`)
  const before = await readCpu(stage.pids())
  const started = performance.now()
  await stage.startOrchestrator('adaptive')
  await driver.ended(requests, (count) => say(`${count} of ${requests.length} have ended`))
  const seconds = (performance.now() - started) / 1000
  const cpuMs = cpuBetween(before, await readCpu(stage.pids()))
  // How long one of them waited says nothing but how many were before it.
  const latenciesMs: readonly number[] = []
  const round = {
    target: 'countermand',
    sagas: requests.length,
    inFlight: requests.length,
    seconds,
    latenciesMs,
    cpuMs,
  } as const
  return {
    runs: [runOf(`a backlog of ${requests.length}`, [round])],
    ratios: {},
    notes: [
      `A backlog of ${requests.length} events was drained in ${seconds.toFixed(0)} s, the orchestrator's start included.`,
    ],
  }
}
