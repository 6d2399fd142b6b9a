import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answers, cancelRequested, most, sagaId } from '@countermand/contracts'
import { type Filling, largest } from '@countermand/testing'
import { ensureNamespace } from '@countermand/tools/stack/temporal-namespace.ts'
import { Client, WorkflowFailedError } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { z } from 'zod'
import { createWorld, type Services, willing } from '../../testing/world.ts'
import { decideUpdate, statusQuery, taskQueue, withdrawUpdate } from '../protocol/inputs.ts'
import { workflowBundle } from '../temporal/bundle.ts'
import { connectSagas } from './connect-sagas.ts'

/** Sagas whose request, answers, decisions, memo and search attributes are at their largest, on a real server. */

const { temporalAddress: address } = inject('stack')
const namespace = `largest-${randomUUID().slice(0, 8)}`

let connection: NativeConnection
let worker: Worker
let ended: Promise<void>
let client: Client

/** The largest of an answer's fields for an order with as many lines as are taken today, made once. */
const fieldsOf = (schema: z.ZodObject): object => z.looseObject({}).parse(largest(schema, 'three', most.lines).value)

const { decided, amount, currency } = willing.BeginCancellation()
const begun = answers.CancellationBegun.parse({
  ...fieldsOf(answers.CancellationBegun.omit({ decided: true })),
  ...{ approval: { needed: true, decideBy: new Date(Date.now() + 3_600_000).toISOString(), onSilence: 'approve' } },
  ...{ decided, amount, currency },
})
const stopped = answers.ShipmentIntercepted.parse(fieldsOf(answers.ShipmentIntercepted))
const setAside = answers.StockSetAside.parse(fieldsOf(answers.StockSetAside))
const settled = answers.RefundSettled.parse(fieldsOf(answers.RefundSettled))

const services: Partial<Services> = {
  BeginCancellation: () => ({ type: 'CancellationBegun', ...begun }),
  StopShipment: () => ({ type: 'ShipmentIntercepted', ...stopped }),
  SetStockAside: () => ({ type: 'StockSetAside', ...setAside }),
  RefundOrder: () => ({ type: 'RefundSettled', ...settled }),
}

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  const signal = AbortSignal.timeout(60_000)
  await ensureNamespace({ address }, namespace, { retentionDays: 1, timeoutMs: 60_000, signal })
  const bundle = await workflowBundle(join(tmpdir(), namespace), new DefaultLogger('ERROR'))
  connection = await NativeConnection.connect({ address })
  client = new Client({ connection, namespace })
  worker = await Worker.create({
    ...{ connection, namespace, taskQueue, workflowBundle: bundle },
    activities: createWorld(services, 'completed-from-outside').activities,
  })
  ended = worker.run()
})
afterAll(async () => {
  worker?.shutdown()
  await ended
  await connection?.close()
})

const requestOf = (filling: Filling) => cancelRequested.parse(largest(cancelRequested, filling).value)

test('one that was asked for, decided and settled with as much as the contract takes ends', async () => {
  const request = requestOf('three')
  await connectSagas(client, 'slow').start({ request, digest: 'digest' })
  const handle = client.workflow.getHandle(sagaId(request.orderId, request.requestId))
  const by = '注'.repeat(128)
  await handle.executeUpdate(decideUpdate, { args: [{ decision: 'approve', by, message: '\u0001'.repeat(2_000) }] })
  const result = await handle.result().catch((error: unknown) => {
    throw error instanceof WorkflowFailedError ? error.cause : error
  })
  expect(result).toMatchObject({ outcome: 'cancelled' })
  expect((await handle.query(statusQuery)).refunds).toHaveLength(100)
})

test('one whose decision came before its request is found, and takes it', async () => {
  const { orderId, requestId } = requestOf('four')
  const sagas = connectSagas(client, 'slow')
  const early = { inputId: 'event:1', decision: 'reject', by: '😀'.repeat(64), at: new Date().toISOString() } as const
  expect(await sagas.tell({ orderId, requestId }, 'decided', early)).toBe('told')
  expect(await sagas.start({ request: requestOf('four'), digest: 'digest' })).toBe('started')
  const handle = client.workflow.getHandle(sagaId(orderId, requestId))
  expect(await handle.result()).toMatchObject({ code: 'merchant-rejected' })
  await expect(handle.executeUpdate(withdrawUpdate, { args: [{ by: 'x' }] })).rejects.toThrow()
})
