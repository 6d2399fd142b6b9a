import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const running = z.object({
  /** host:port, separated by commas */
  kafkaBrokers: z.string(),
  temporalAddress: z.string(),
  temporalUiUrl: z.string(),
  namespace: z.string(),
  topicPrefix: z.string(),
  databaseUrls: z.object({
    ...{ order: z.string(), inventory: z.string(), logistics: z.string(), payment: z.string() },
    /** Absent: an earlier release started it. */
    gateway: z.string().exactOptional(),
    console: z.string().exactOptional(),
  }),
  /** Base addresses of our processes' health and metrics. */
  http: z.record(z.string(), z.string()),
  /** Base address of the console's shop side; absent: it is off. */
  shop: z.string().exactOptional(),
  /** How members of staff reach the console; absent: nobody says who they are. */
  staff: z.string().exactOptional(),
  pids: z.record(z.string(), z.number()),
  /** As {@link patienceOf} has it. */
  patience: z.record(z.string(), z.string()).optional(),
})

/** What `running.json` says: where a started system is. */
export type Running = z.infer<typeof running>

/** Settings that say how long the processes bear with others; a drill has to know them. */
const patienceSettings = [
  'STEP_ATTEMPTS',
  'UNDO_ATTEMPTS',
  'STEP_BACKOFF',
  'INTERCEPT_PATIENCE',
  'REFUND_PATIENCE',
] as const

/** Those of them that are given. */
export const patienceOf = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(patienceSettings.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))

/** Where data, logs and `running.json` are: `COUNTERMAND_HOME`, by default `.countermand/` in the clone. */
export const homeOf = (env: NodeJS.ProcessEnv): string =>
  resolve(env.COUNTERMAND_HOME || fileURLToPath(new URL('../../.countermand', import.meta.url)))

const fileOf = (home: string): string => join(home, 'running.json')

/** `undefined` when nothing was started there. Throws when the file is not what was written. */
export const readRunning = async (home: string): Promise<Running | undefined> => {
  const text = await readFile(fileOf(home), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return running.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(`${fileOf(home)}: expected the addresses that \`npm start\` wrote`, { cause })
  }
}

export const writeRunning = async (home: string, content: Running): Promise<void> => {
  await mkdir(home, { recursive: true })
  // Whole at once: somebody may be waiting for it, and reads what is there.
  const writing = `${fileOf(home)}.writing`
  // The databases' passwords are in it.
  await writeFile(writing, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  await rename(writing, fileOf(home))
}

export const removeRunning = (home: string): Promise<void> => rm(fileOf(home), { force: true })
