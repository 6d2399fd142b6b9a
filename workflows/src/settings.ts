import { duration, port, sharedSettings, temporalSettings } from '@countermand/settings'
import { z } from 'zod'

/** Settings of the orchestrator. Durations are in milliseconds once read. */
export const orchestratorSettings = z.object({
  ...sharedSettings,
  ...temporalSettings,
  SWEEP_INTERVAL: duration
    .prefault('1m')
    .refine((milliseconds) => milliseconds >= 1_000, 'expected 1s or more')
    .describe('how often orders on hold are compared with open sagas (default 1m)'),
  STEP_LANE: z
    .enum(['slow', 'adaptive'])
    .default('adaptive')
    .describe('adaptive: short steps within one workflow task; slow: each an ordinary activity (default adaptive)'),
  CALL_STACKS: z
    .enum(['off', 'on'])
    .default('off')
    .describe('on: the page Call Stack of the Temporal UI works, for a third more processor time (default off)'),
  ORCHESTRATOR_HTTP_PORT: port(8085, 'health and metrics'),
})
