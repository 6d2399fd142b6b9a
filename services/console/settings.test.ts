import { expect, it } from 'vitest'
import { consoleSettings } from './settings.ts'

const from = (SECOND_PERSON_FROM: string) => consoleSettings.safeParse({ SECOND_PERSON_FROM })

it('a second person is needed from sums on that are written as people write them', () => {
  const { data } = from('EUR 500.00, JPY 50000,KWD 0.5')
  expect([...(data?.SECOND_PERSON_FROM ?? [])]).toEqual([
    ['EUR', 50_000],
    ['JPY', 50_000],
    ['KWD', 500],
  ])
  expect(from('').data?.SECOND_PERSON_FROM).toBeUndefined()
})

it.each(['500', 'EUR', 'EUR -1', 'XYZ 5', 'JPY 5.5', 'EUR 1.234', 'EUR 5;'])('no sum is %s', (text) => {
  expect(from(text).error?.issues.map(({ message }) => message)).toEqual([
    'expected sums of a currency such as EUR 500.00, JPY 50000',
  ])
})

it('names each currency once: of two sums nobody knows which one counts', () => {
  expect(from('EUR 500.00, JPY 50000, EUR 5000').error?.issues.map(({ message }) => message)).toEqual([
    'expected each currency once',
  ])
})
