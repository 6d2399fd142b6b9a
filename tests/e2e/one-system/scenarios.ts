import { eventually } from '@countermand/testing'
import { differences } from '@countermand/tools/demo/compare.ts'
import { play } from '@countermand/tools/shop/play.ts'
import { scenarios } from '@countermand/tools/shop/scenarios.ts'
import { listRuns } from '@countermand/workflows/operations/find/runs.ts'
import { describe, expect, it } from 'vitest'
import { world } from './system.ts'

let played = 0

describe('a cancel event on the real parts', () => {
  it.for(scenarios)('$name: $title', async (scenario) => {
    const { orderId, requestId, end, heard } = await play(scenario, world.outside, { withinMs: 40_000 })
    played += 1
    const { outcome, code, stage } = scenario.promise
    expect(end.data).toMatchObject({ requestId, orderId, outcome, stage, ...(code === null ? {} : { code }) })
    expect(heard.filter(({ type }) => type === 'order.cancellation.started.v1')).toHaveLength(1)

    const story = await world.story(requestId)
    expect(differences(scenario, story)).toEqual([])
    expect(story).toMatchObject({ orderId, requestId, next: null })
    expect(story.timeline.map(({ name }) => name)).toEqual(expect.arrayContaining(['BeginCancellation', end.type]))
    // The public end is told before the run closes, and Temporal's search lags behind it.
    const runs = await eventually('the run to be found closed', async () => {
      const found = await listRuns(world.temporal, { order: orderId })
      return found.some(({ status }) => status === 'RUNNING') ? undefined : found
    })
    expect(runs).toMatchObject([{ requestId, status: 'COMPLETED', outcome }])
  })

  it('keeps the invariants while many sagas are in motion', async () => {
    const quick = scenarios.filter(({ name }) => ['unshipped', 'label-voided', 'refund-refused'].includes(name))
    const many = Array.from({ length: 7 }, () => quick).flat()
    let going = true
    const all = Promise.all(many.map((scenario) => play(scenario, world.outside, { withinMs: 50_000 }))).finally(() => {
      going = false
    })
    const seenOpen: number[] = []
    while (going) {
      const { violations, openSagas } = await world.verify()
      expect(violations).toEqual([])
      seenOpen.push(openSagas)
    }
    expect((await all).map(({ end, scenario }) => [scenario.name, end.data.outcome])).toEqual(
      many.map(({ name, promise }) => [name, promise.outcome]),
    )
    expect(Math.max(...seenOpen)).toBeGreaterThan(0)
    played += many.length
  })

  it('leaves all six invariants true', async () => {
    const { violations, checked, requests } = await world.verify()
    expect(violations).toEqual([])
    expect(checked).toBe(6)
    expect(requests).toBeGreaterThanOrEqual(played)
  })
})
