import { complaintsAbout } from '@countermand/testing/hostile-settings.ts'
import { expect, it } from 'vitest'
import { orchestratorSettings } from './settings.ts'

it('the orchestrator says what is wrong with any setting, where everybody can see it', () => {
  expect(complaintsAbout(orchestratorSettings)).toEqual([])
})
