import { complaintsAbout } from '@countermand/testing/hostile-settings.ts'
import { expect, it } from 'vitest'
import { operationsSettings } from './settings.ts'

it('the operations process says what is wrong with any setting, where everybody can see it', () => {
  expect(complaintsAbout(operationsSettings)).toEqual([])
})
