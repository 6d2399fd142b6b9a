/**
 * DBOS drives the saga: workflow and steps are kept in PostgreSQL. A request starts a workflow under the saga's id; a step publishes its
 * commands; answers from Kafka are sent to the workflow as messages, which it receives by topic.
 */
import { type Answer, type CancelRequested, sagaId, topics } from '@countermand/contracts'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { z } from 'zod'
import { type Call, messageOf, readReply, readRequest } from '../contract.ts'
import { engineMain } from '../engine.ts'
import { cancelOrder } from '../saga.ts'

const address = z.tuple([z.string(), z.string()])
const dayInSeconds = 86_400

await engineMain('dbos', async ({ publish, read, env }) => {
  const send = (workflowId: string, calls: readonly Call[]) =>
    publish(calls.map((each) => messageOf('dbos', each, JSON.stringify([workflowId, each.command]))))

  const receive = async (command: string): Promise<Answer> => {
    for (;;) {
      const answer = await DBOS.recv<Answer>(command, { timeoutSeconds: dayInSeconds })
      if (answer !== null) return answer
    }
  }

  const workflow = DBOS.registerWorkflow(
    (request: CancelRequested) =>
      cancelOrder(request, async (...calls) => {
        const workflowId = sagaId(request.orderId, request.requestId)
        await DBOS.runStep(() => send(workflowId, calls), { name: calls.map(({ command }) => command).join('+') })
        const answers: Answer[] = []
        for (const { command } of calls) answers.push(await receive(command))
        return answers
      }),
    { name: 'cancelOrder' },
  )
  DBOS.setConfig({
    name: 'countermand-bench',
    systemDatabaseUrl: z.string().parse(env.DBOS_DATABASE_URL),
    systemDatabasePoolSize: 20,
    logLevel: 'warn',
    applicationVersion: 'bench',
  })
  await DBOS.launch()

  await read(topics.sagaReplies, async (messages) => {
    await Promise.all(
      messages.map(readReply).map(async ({ id, replyTo, answer }) => {
        const [workflowId, command] = address.parse(JSON.parse(replyTo))
        // Its key drops an answer that Kafka brings twice.
        if (answer !== undefined) await DBOS.send(workflowId, answer, command, id)
      }),
    )
  })
  await read(topics.cancelRequests, async (messages) => {
    await Promise.all(
      messages
        .map(readRequest)
        .map((request) =>
          DBOS.startWorkflow(workflow, { workflowID: sagaId(request.orderId, request.requestId) })(request),
        ),
    )
  })
  return () => DBOS.shutdown()
})
