import { takenRequest } from '@countermand/contracts/cancel-requests.ts'
import type { Client } from '@temporalio/client'
import { z } from 'zod'
import type { Requested } from '../protocol/inputs.ts'
import { payloadConverter } from '../protocol/payload-converter.ts'
import { type Events, eventsOf } from './go-on.ts'

const startedWith = z.object({ requested: z.object({ request: takenRequest, digest: z.string() }) })

/** The request that a saga's run was started with; none: it was overtaken, and came later. */
export const requestedIn = ([first]: Events): Requested | undefined => {
  const [input] = first?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
  return startedWith.safeParse(input && payloadConverter.fromPayload(input)).data?.requested
}

/** The same of the latest run of an id. */
export const requestedAtStart = async (client: Client, workflowId: string): Promise<Requested | undefined> =>
  requestedIn((await eventsOf(client, { workflowId })) ?? [])
