import { commands } from '@countermand/contracts'
import { expect, test } from 'vitest'
import { activityName, commandSteps } from './commands.ts'

const names = Object.values(commands).length

test('says of every command what the contract says', () => {
  expect(Object.keys(commandSteps)).toHaveLength(names)
  for (const [name, contract] of Object.entries(commands)) {
    const said = Object.entries(commandSteps).find(([each]) => each === name)?.[1]
    expect([said?.step, said?.direction]).toEqual([contract.step, contract.direction])
    if ('undoes' in contract) expect(said?.undoes ?? [said?.step]).toEqual(contract.undoes)
  }
})

test('names an activity like its command', () => {
  expect(activityName('StopShipment')).toBe('stopShipment')
})
