import { condition, setCurrentDetails, setHandler } from '@temporalio/workflow'
import { resumeSignal, type Told } from '../protocol/pause.ts'

/**
 * Does nothing but be open: while it is, no orchestrator takes new cancel events. Whatever closes it ends the pause, so that
 * Temporal's UI can too. Returns who resumed.
 */
export async function pauseIntake({ by, reason }: Told): Promise<Told> {
  let resumed: Told | undefined
  setHandler(resumeSignal, (how) => {
    resumed ??= how
  })
  setCurrentDetails(
    [
      `**New cancel events are held in Kafka** by ${by}: ${reason}`,
      'Running sagas go on. Resume with `npm run saga -- intake resume --by <you> --reason <why>`; cancelling or terminating this run does the same.',
    ].join('\n\n'),
  )
  await condition(() => resumed !== undefined)
  return resumed ?? { by, reason }
}
