import { readSettings, sharedSettings } from '@countermand/settings'
import { z } from 'zod'
import { homeOf, readRunning } from '../../system/running.ts'

const { STEP_ATTEMPTS, UNDO_ATTEMPTS, STEP_BACKOFF, INTERCEPT_PATIENCE, REFUND_PATIENCE } = sharedSettings
const schema = z.object({ STEP_ATTEMPTS, UNDO_ATTEMPTS, STEP_BACKOFF, INTERCEPT_PATIENCE, REFUND_PATIENCE })

/** How long the system bears with others before a person is needed; durations in milliseconds. */
export type Patience = z.infer<typeof schema>

/** By the order: the environment, what `npm start` was started with, defaults. Throws when a setting is not valid. */
export const readPatience = async (env: NodeJS.ProcessEnv): Promise<Patience> => {
  const running = await readRunning(homeOf(env))
  return readSettings({ name: 'saga drill', env: { ...running?.patience, ...env }, argv: [] }, schema)
}

const minute = 60_000

/** Milliseconds that so many attempts take, the waits between them doubling from `backoffMs` to a minute. */
export const attemptsMs = (attempts: number, backoffMs: number): number =>
  Array.from({ length: attempts - 1 }, (_, nth) => Math.min(backoffMs * 2 ** nth, Math.max(minute, backoffMs))).reduce(
    (sum, wait) => sum + wait,
    0,
  )

/** 844000 → `14 min`: for people. */
export const spanText = (milliseconds: number): string => {
  const units = [
    [86_400_000, 'days'],
    [3_600_000, 'h'],
    [minute, 'min'],
  ] as const
  const [size, unit] = units.find(([each]) => milliseconds >= 2 * each) ?? [1_000, 's']
  return `${Math.ceil(milliseconds / size)} ${unit}`
}
