import { differences } from '@countermand/tools/demo/compare.ts'
import { play } from '@countermand/tools/demo/play.ts'
import { scenarios } from '@countermand/tools/demo/scenarios.ts'
import { listRuns } from '@countermand/tools/saga/runs.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld(inject('stack'))
})
afterAll(async () => {
  await world?.stop()
})

describe('a cancel event on the real parts', () => {
  it.for(scenarios)('$name: $title', async (scenario) => {
    const { orderId, requestId, end, heard } = await play(scenario, world.outside, { withinMs: 40_000 })
    const { outcome, code, stage } = scenario.promise
    expect(end.data).toMatchObject({ requestId, orderId, outcome, stage, ...(code === null ? {} : { code }) })
    expect(heard.filter(({ type }) => type === 'order.cancellation.started.v1')).toHaveLength(1)

    const story = await world.story(requestId)
    expect(differences(scenario, story)).toEqual([])
    expect(story).toMatchObject({ orderId, requestId, next: null })
    expect(story.timeline.map(({ name }) => name)).toEqual(expect.arrayContaining(['BeginCancellation', end.type]))
    expect(await listRuns(world.temporal, { order: orderId })).toMatchObject([
      { requestId, status: 'COMPLETED', outcome },
    ])
  })

  it('leaves all six invariants true', async () => {
    const { violations, checked, requests } = await world.verify()
    expect(violations).toEqual([])
    expect(checked).toBe(6)
    expect(requests).toBe(scenarios.length)
  })
})
