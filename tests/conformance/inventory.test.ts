import { conformance, roles } from '@countermand/testing/conformance/index.ts'
import { describe, inject } from 'vitest'
import { openParticipant } from './participant.ts'

describe('the inventory participant', () => {
  conformance(roles.inventory, () => openParticipant('inventory', inject('stack')))
})
