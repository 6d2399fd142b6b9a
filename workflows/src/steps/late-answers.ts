import { type Answer, isCommandName } from '@countermand/contracts'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { commandSteps, noEnds } from '../protocol/commands.ts'
import { newsSignal } from '../protocol/news.ts'
import { attributes } from '../protocol/search-attributes.ts'

/** Tells a run of an answer that nobody waits for any more; false: it is no news to it. */
export type TellLate = (
  to: { readonly workflowId: string; readonly command: string },
  answer: Answer,
) => Promise<boolean>

/** Of what waits for a person because of money, or of a "no", more is to be known than that a step has its end. */
const goesOnFrom: readonly (string | undefined)[] = ['step-failed', 'undo-failed']

/** Whether the run stands still because a step of it had no end. */
const isStuck = async ({ workflow }: Client, workflowId: string): Promise<boolean> => {
  const { status, typedSearchAttributes } = await workflow.getHandle(workflowId).describe()
  return status.name === 'RUNNING' && goesOnFrom.includes(typedSearchAttributes.get(attributes.attentionReason))
}

/**
 * A step's end that comes when nobody waits for it may be what a run is stuck for: its command was put aside and has been sent again, or
 * the service took longer than anybody waits. It is news like any other: the step is tried once more, and answered as it was done.
 */
export const createLateAnswers =
  (client: Client): TellLate =>
  async ({ workflowId, command }, answer) => {
    if (!isCommandName(command) || noEnds.some((name) => name === answer.type)) return false
    try {
      if (!(await isStuck(client, workflowId))) return false
      const { step, direction } = commandSteps[command]
      const says = `the answer to ${command} has come after all: ${answer.type}`
      await client.workflow.getHandle(workflowId).signal(newsSignal, { step, direction, event: answer.type, says })
      return true
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false
      throw error
    }
  }
