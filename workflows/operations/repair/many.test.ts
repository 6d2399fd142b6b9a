import { expect, it } from 'vitest'
import { Unsettled } from '../reach/unsettled.ts'
import { carryOutAll, type Item, type Planned } from './many.ts'

const item = (requestId: string, planned: Planned): Item => ({
  saga: { orderId: 'ord-1', requestId, workflowId: `cancel-ord-1-${requestId}` },
  done: [],
  planned,
})
const sends = (send: () => Promise<{ changed: boolean; text: string; sent?: false }>): Planned => ({
  todo: true,
  text: 'retry',
  send,
})

it('reports on each, and one that fails holds up nobody', async () => {
  const reported = await carryOutAll(
    [
      item(
        'fails',
        sends(() => Promise.reject(new Error('no answer'))),
      ),
      item(
        'in vain',
        sends(async () => ({ changed: false, text: 'stuck again' })),
      ),
      item(
        'unknown',
        sends(() => Promise.reject(new Unsettled('no answer within 60 s'))),
      ),
      item(
        'before',
        sends(async () => ({ changed: false, text: 'it was asked before', sent: false })),
      ),
      item(
        'works',
        sends(async () => ({ changed: true, text: 'cancelled' })),
      ),
      item('over', { todo: false, refused: false, text: 'it has ended' }),
      item('unfit', { todo: false, refused: true, text: 'expected one of skip' }),
    ],
    100,
  )
  expect(reported.map(({ requestId, result, text }) => [requestId, result, text])).toEqual([
    ['fails', 'refused', 'no answer'],
    ['in vain', 'unsettled', 'stuck again'],
    ['unknown', 'unsettled', 'no answer within 60 s'],
    ['before', 'refused', 'it was asked before'],
    ['works', 'done', 'cancelled'],
    ['over', 'nothing-done', 'it has ended'],
    ['unfit', 'refused', 'expected one of skip'],
  ])
})

it('sends no more a second than it may', async () => {
  const at: number[] = []
  const note = sends(async () => {
    at.push(performance.now())
    return { changed: true, text: 'done' }
  })
  await carryOutAll(
    ['a', 'b', 'c'].map((name) => item(name, note)),
    20,
  )
  expect((at[2] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(90)
})
