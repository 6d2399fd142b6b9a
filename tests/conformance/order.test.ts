import { conformance, roles } from '@countermand/testing/conformance/index.ts'
import { describe, inject } from 'vitest'
import { openParticipant } from './participant.ts'

describe('the order participant', () => {
  conformance(roles.order, () => openParticipant('order', inject('stack')))
})
