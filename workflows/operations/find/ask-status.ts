import { sagaStatus } from '../reach/answers.ts'
import type { Temporal } from '../reach/temporal.ts'

const answerWithinMs = 15_000

/** What a running saga says of itself. Throws when no orchestrator answers for it. */
export const askStatus = async ({ client }: Temporal, workflowId: string) => {
  const query = () => client.workflow.getHandle(workflowId).query('status')
  const answer = await client.connection.withDeadline(Date.now() + answerWithinMs, query).catch((cause: unknown) => {
    throw new Error(`expected an orchestrator to answer for ${workflowId} within ${answerWithinMs / 1000} s`, { cause })
  })
  return sagaStatus.parse(answer)
}
