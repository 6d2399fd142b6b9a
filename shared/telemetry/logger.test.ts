import { expect, test } from 'vitest'
import { createLogger, logContext } from './logger.ts'

const recorded = (level: string) => {
  const lines: string[] = []
  const logger = createLogger({ name: 'inventory', level, stream: { write: (line) => lines.push(line) } })
  return { logger, lines: () => lines.map((line): unknown => JSON.parse(line)) }
}

test('writes one JSON object per line with the service, the level by name and the time in ISO 8601', () => {
  const { logger, lines } = recorded('info')
  logger.info('ready')
  expect(lines()).toEqual([
    { service: 'inventory', level: 'info', msg: 'ready', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) },
  ])
})

test('puts the ids of saga, order and request on every line about a message', () => {
  const { logger, lines } = recorded('info')
  logger.child(logContext({ orderId: 'ord-1', requestId: 'req-1' })).warn('late')
  expect(lines()).toMatchObject([{ sagaId: 'cancel-ord-1-req-1', orderId: 'ord-1', requestId: 'req-1', msg: 'late' }])
})

test('names no saga for a message that belongs to none', () => {
  expect(logContext({ orderId: 'ord-1' })).toEqual({ orderId: 'ord-1' })
})

test('says what an error is and what caused it', () => {
  const { logger, lines } = recorded('info')
  logger.error(new Error('expected an answer', { cause: new Error('connection lost') }))
  expect(JSON.stringify(lines())).toMatch(/expected an answer.*connection lost/)
})

test('drops lines below the least level', () => {
  const { logger, lines } = recorded('error')
  logger.info('chatter')
  expect(lines()).toEqual([])
})
