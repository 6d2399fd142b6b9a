import { conformance, roles } from '@countermand/testing/conformance/index.ts'
import { describe, inject } from 'vitest'
import { openParticipant } from './participant.ts'

describe('the logistics participant', () => {
  conformance(roles.logistics, () => openParticipant('logistics', inject('stack')))
})
