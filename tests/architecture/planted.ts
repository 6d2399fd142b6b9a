/**
 * For each rule of `.dependency-cruiser.mjs` files that break it, by path. They are written to a directory of their own, never into
 * this repository.
 */
export const planted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'services-import-no-other-service': {
    'services/order/borrowed.ts': `import { plant } from '../payment/lender.ts'\nexport const borrowed = plant`,
    'services/payment/lender.ts': 'export const plant = 1',
  },
  'services-know-no-temporal': {
    'services/order/handlers.ts': `import { Client } from '@temporalio/client'\nexport const client = Client`,
  },
  'services-import-no-workflow': {
    'services/logistics/handlers.ts': `import { saga } from '../../workflows/src/protocol/saga.ts'\nexport const known = saga`,
    'workflows/src/protocol/saga.ts': 'export const saga = 1',
  },
  'the-saga-imports-its-protocol': {
    'workflows/src/saga/run/writes.ts': `import { writeFileSync } from 'node:fs'\nexport const writes = writeFileSync`,
    'workflows/src/saga/asks.ts': `import type { sent } from '../steps/sent.ts'\nexport type Asks = typeof sent`,
    'workflows/src/steps/sent.ts': 'export const sent = 1',
  },
  'the-protocol-knows-no-saga': {
    'workflows/src/protocol/upwards.ts': `import type { asked } from '../saga/asked.ts'\nexport type Upwards = typeof asked`,
    'workflows/src/saga/asked.ts': 'export const asked = 1',
  },
  'the-process-runs-no-saga': {
    'workflows/src/intake/hasty.ts': `import { asked } from '../saga/asked.ts'\nexport const hasty = asked`,
  },
  'others-speak-the-protocol': {
    'tools/saga/insider.ts': `import { sent } from '../../workflows/src/steps/sent.ts'\nexport const insider = sent`,
  },
  'operations-serve-any-caller': {
    'workflows/operations/find/loud.ts': `import pc from 'picocolors'\nexport const loud = pc`,
    'workflows/operations/find/asking.ts': `import { asked } from '../../../tools/saga/asked.ts'\nexport const asking = asked`,
    'tools/saga/asked.ts': 'export const asked = 1',
  },
  'others-read-facts-and-checks': {
    'workflows/operations/find/nosy.ts': `import { rows } from '../../../services/order/store/rows.ts'\nexport const nosy = rows`,
    'services/order/store/rows.ts': 'export const rows = 1',
  },
  'the-process-runs-no-operations': {
    'workflows/src/sweep/helped.ts': `import { help } from '../../operations/find/help.ts'\nexport const helped = help`,
    'workflows/operations/find/help.ts': 'export const help = 1',
  },
  'tests-speak-the-protocol': {
    'tests/e2e/insider.ts': `import { found } from '../../workflows/src/runs/found.ts'\nexport const insider = found`,
    'workflows/src/runs/found.ts': 'export const found = 1',
  },
  'contracts-import-nothing-of-ours': {
    'shared/contracts/upwards.ts': `import type { Kit } from '../service/kit.ts'\nexport type Upwards = Kit`,
    'shared/service/kit.ts': 'export type Kit = 1',
  },
  'the-kit-stays-below-services': {
    'shared/service/knowing.ts': `import { known } from '../../services/inventory/known.ts'\nexport const knowing = known`,
    'services/inventory/known.ts': 'export const known = 1',
  },
  'policies-are-pure': {
    'shared/policy/reading.ts': `import { readFileSync } from 'node:fs'\nexport const reading = readFileSync`,
  },
  'learning-is-pure': {
    'shared/learning/reading.ts': `import { readFileSync } from 'node:fs'\nexport const reading = readFileSync`,
    'shared/learning/knowing.ts': `import { known } from '../contracts/known.ts'\nexport const knowing = known`,
  },
  'kafka-knows-no-database': {
    'shared/kafka/storing.ts': `import { sql } from 'kysely'\nexport const storing = sql`,
    'shared/kafka/asking.ts': `import type { Kit } from '../service/kit.ts'\nexport type Asking = Kit`,
  },
  'the-process-knows-no-trade': {
    'shared/process/trading.ts': `import { asked } from '../kafka/asked.ts'\nexport const trading = asked`,
    'shared/kafka/asked.ts': 'export const asked = 1',
  },
  'the-gateway-calls-nobody-outside': {
    'services/gateway/calling.ts': `import { call } from '../../shared/providers/calling.ts'\nexport const calls = call`,
    'shared/providers/calling.ts': 'export const call = 1',
  },
  'providers-know-no-service': {
    'shared/providers/selling.ts': `import { sold } from '../kafka/sold.ts'\nexport const selling = sold`,
    'shared/kafka/sold.ts': 'export const sold = 1',
  },
  'providers-are-called-by-one-file': {
    'services/payment/channels/shortcut.ts': `import { request } from 'undici'\nexport const shortcut = request`,
    'services/logistics/carriers/shortcut.ts': `import { request } from 'node:https'\nexport const shortcut = request`,
  },
  'domain-is-pure': {
    'services/order/talkative.ts': `import { writeFileSync } from 'node:fs'\nexport const talk = writeFileSync`,
    'services/payment/checking.ts': `import { z } from 'zod'\nexport const checked = z`,
    'services/inventory/waiting.ts': `import { kit } from '../../shared/service/index.ts'\nexport const waiting = kit`,
    'shared/service/index.ts': 'export const kit = 1',
  },
  'domain-imports-no-room': {
    'services/order/hungry.ts': `import { load } from './store/store.ts'\nexport const hungry = load`,
    'services/order/store/store.ts': 'export const load = 1',
  },
  'colours-in-one-file': {
    'tools/saga/bright.ts': `import pc from 'picocolors'\nexport const bright = pc`,
  },
  'kafkajs-in-one-file': {
    'shared/kafka/shortcut.ts': `import { Kafka } from 'kafkajs'\nexport const shortcut = Kafka`,
    'tools/shortcut.ts': `import { Kafka } from 'kafkajs'\nexport const shortcut = Kafka`,
  },
  'fastify-in-one-file': {
    'services/console/http/streams.ts': `import fastify from 'fastify'\nexport const streams = fastify`,
  },
  'sql-in-stores': {
    'services/payment/handlers.ts': `import { sql } from 'kysely'\nexport const handlers = sql`,
    'workflows/src/sweep/peeping.ts': `import pg from 'pg'\nexport const peeping = pg`,
  },
  'no-circular': {
    'tools/hen.ts': `import { egg } from './egg.ts'\nexport const hen = () => egg`,
    'tools/egg.ts': `import { hen } from './hen.ts'\nexport const egg = () => hen`,
    'shared/telemetry/left.ts': `import type { Right } from './right.ts'\nexport type Left = { right: Right }`,
    'shared/telemetry/right.ts': `import type { Left } from './left.ts'\nexport type Right = { left: Left }`,
  },
  'tools-need-no-tests': {
    'tools/kitchen/taste.ts': `import { tasted } from '../../tests/tasted.ts'\nexport const taste = tasted`,
    'tests/tasted.ts': 'export const tasted = 1',
  },
  'no-orphans': { 'shared/telemetry/forgotten.ts': 'export const forgotten = 1' },
  'imports-exist': { 'tools/hopeful.ts': `import { hope } from './nowhere.ts'\nexport const hopeful = hope` },
}

/** Stand-ins for the packages that planted files import. */
export const packages = ['picocolors', '@temporalio/client', 'kafkajs', 'kysely', 'pg', 'undici', 'zod', 'fastify']
