import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Participant } from './participant.ts'
import { openRig, type Rig } from './rig.ts'
import type { Role } from './role.ts'
import { addressRules } from './rules/addresses.ts'
import { closingRules } from './rules/closing.ts'
import { deadLetterRules } from './rules/dead-letters.ts'
import { duplicateRules } from './rules/duplicates.ts'
import { earlyRules } from './rules/early.ts'
import { faultRules } from './rules/faults.ts'
import { undoRules } from './rules/undo.ts'
import { versionRules } from './rules/versions.ts'

export type { Instance, Participant } from './participant.ts'
export type { Role } from './role.ts'
export { roles } from './roles/index.ts'
export { lateReplies } from './rules/faults.ts'

/** Declares what every participant in a role keeps, as tests. `open` is called once, when they begin. */
export const conformance = (role: Role, open: () => Promise<Participant>): void => {
  let opened: Rig | undefined
  const rig = (): Rig => {
    if (opened === undefined) throw new Error('expected the participant to run')
    return opened
  }
  beforeAll(async () => {
    opened = await openRig(await open())
  })
  afterAll(() => opened?.stop())

  describe.concurrent('in peace', () => {
    duplicateRules(role, rig)
    undoRules(role, rig)
    closingRules(role, rig)
    earlyRules(role, rig)
    versionRules(role, rig)
    addressRules(role, rig)
    deadLetterRules(role, rig)
  })
  describe('in trouble', () => {
    faultRules(role, rig)
  })
  it('never ends by itself', () => {
    expect(rig().participant.crashes()).toEqual([])
  })
  it('says nothing that the contracts do not say', () => {
    expect(rig().talk.violations()).toEqual([])
  })
}
