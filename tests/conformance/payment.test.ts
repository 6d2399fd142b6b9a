import { conformance, roles } from '@countermand/testing/conformance/index.ts'
import { describe, inject } from 'vitest'
import { openParticipant } from './participant.ts'

describe('the payment participant', () => {
  conformance(roles.payment, () => openParticipant('payment', inject('stack')))
})
