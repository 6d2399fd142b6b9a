import { expect, test } from 'vitest'
import type { Workflows } from '../protocol/workflows.ts'
import * as workflows from './workflows.ts'

test('every workflow of the bundle is one that the protocol names, with what starts it and what it returns', () => {
  const { interceptors, ...types } = workflows
  // The compiler compares the functions; a name that only one of the two has fails either here or there.
  const named: Record<keyof typeof types, unknown> = types satisfies Workflows
  expect(Object.keys(named).toSorted()).toEqual([
    'cancelOrder',
    'pauseIntake',
    'settleLateIntercept',
    'settleReversedRefund',
    'sweepHolds',
  ])
})
