import { rightsOf } from '@countermand/tools/provision/rights.ts'
import { expect, test } from 'vitest'
import { operationsGroup } from '../operations/requests/serve.ts'
import { parcelsGroup } from './aftermath/parcel-events.ts'
import { refundsGroup } from './aftermath/refund-events.ts'
import { intakeGroup } from './protocol/pause.ts'
import { fastRepliesGroup } from './steps/fast-lane.ts'
import { repliesGroup } from './steps/replies.ts'

const groupsOf = (principal: string) =>
  rightsOf('').flatMap((right) =>
    right.principal === principal && right.resource === 'group' && right.pattern === 'literal' ? [right.name] : [],
  )

test('the rights name the groups that we read in, each of them', () => {
  const own = [fastRepliesGroup, intakeGroup, parcelsGroup, refundsGroup, repliesGroup]
  expect(groupsOf('orchestrator').toSorted()).toEqual(own.toSorted())
  expect(groupsOf('operations')).toEqual([operationsGroup])
})
