import { expect, it } from 'vitest'
import { card, givenToldEverywhere as given, givenSlowSandbox } from './given.ts'

const dueIn = (world: ReturnType<typeof given>, at: number): number | undefined => {
  const [task] = [...world.tasks.values()].filter(({ kind }) => kind === 'call-channel')
  return task && Math.round((Date.parse(task.dueAt) - at) / 1000)
}
/** The world's clock starts then, and goes on by a second with each commit. */
const start = Date.parse('2026-11-20T09:00:00Z')

it('a channel that is not set up parks the refund at once with the words, and nothing is in doubt', async () => {
  const world = given(card('t1', 100))
  world.refund()
  await world.run('call', 'setup')
  expect(world.last()).toMatchObject({
    type: 'StepFailed',
    data: { attempts: 1, moneyInDoubt: false, error: 'tender t1: told to have no credentials' },
  })
  expect(world.tasks.size).toBe(0)
  world.refund({ round: 2 })
  await world.run('call')
  expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 2 })
})

it('a refund whose earlier call may have reached the channel stays in doubt when its setup is lost', async () => {
  const world = given(card('t1', 100))
  world.refund()
  await world.run('call', 'lost-done')
  await world.run('call', 'setup')
  expect(world.last()).toMatchObject({ type: 'StepFailed', data: { attempts: 2, moneyInDoubt: true } })
})

it('what is not set up can be sent elsewhere by a person, for no money has moved', async () => {
  const world = given(card('t1', 100))
  world.refund()
  await world.run('call', 'setup')
  world.refund({ round: 2, elsewhere: 'store-credit' })
  await world.run('call')
  expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 2 })
})

it('an outage of the provider uses up no attempt, and is waited for as long as it says', async () => {
  const world = given(card('t1', 100))
  world.refund()
  await world.run('call', 'before-anything')
  for (let times = 0; times < 6; times++) {
    await world.run('call', 'outage')
    expect(dueIn(world, start + (4 + times) * 1000)).toBe(7)
  }
  expect(world.replies).toEqual([])
  await world.run('call', 'before-anything')
  await world.run('call', 'before-anything')
  expect(world.last()).toMatchObject({ type: 'StepFailed', data: { attempts: 3, moneyInDoubt: false } })
})

it('an outage that lasts longer than a channel has to settle a refund is a failure', async () => {
  const world = given(card('t1', 100))
  world.refund()
  for (let runs = 0; world.tasks.size > 0 && runs < 100; runs++) await world.run('call', 'outage')
  expect(world.last()).toMatchObject({ type: 'StepFailed', data: { error: 'tender t1: told to be away' } })
})

it('an answer that was long in coming is looked at soon: what was told meanwhile is in nobody’s ear', async () => {
  const lookedAt = (world: ReturnType<typeof given>) => {
    const [task] = [...world.tasks.values()].filter(({ kind }) => kind === 'poll-refund')
    return task && Math.round((Date.parse(task.dueAt) - Date.parse(world.now())) / 1000)
  }
  const [quick, slow] = [givenSlowSandbox(card('t1', 100)), givenSlowSandbox(card('t1', 100))]
  quick.refund()
  await quick.run('call', 'pending')
  slow.refund()
  for (let times = 0; times < 6; times++) await slow.run('call', 'outage')
  await slow.run('call', 'pending')
  expect(lookedAt(slow)).toBe(30)
  expect(lookedAt(quick)).toBe(600)
})
