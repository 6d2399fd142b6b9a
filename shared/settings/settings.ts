import { visibleLine } from '@countermand/contracts/shown.ts'
import { said } from '@countermand/contracts/text.ts'
import { z } from 'zod'
import { passwordFilesAlone, rulesOf, withPasswordFiles } from './secured.ts'

/** Settings that cannot be used; the message lists every one of them. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

const describe = (shape: z.core.$ZodShape): string => {
  const width = Math.max(...Object.keys(shape).map((name) => name.length))
  return Object.entries(shape)
    .map(([name, schema]) => `  ${name.padEnd(width)}  ${z.globalRegistry.get(schema)?.description ?? ''}`.trimEnd())
    .join('\n')
}

/** Of a value that somebody has set to whatever: seen on one line, and no page of it. */
const mostOfProblem = 500

/** A zod object whose value is `Settings`. */
export type SettingsSchema<Settings> = z.ZodType<Settings> & { readonly shape: z.core.$ZodShape }

/**
 * Reads a process's settings from its environment. An empty variable counts as unset. `--help` prints what there is and
 * exits 0. Throws {@link SettingsError} with every problem at once.
 */
export const readSettings = <Settings>(
  program: { readonly name: string; readonly env: NodeJS.ProcessEnv; readonly argv: readonly string[] },
  schema: SettingsSchema<Settings>,
): Settings => {
  if (program.argv.includes('--help')) {
    console.log(`${program.name}: settings are environment variables\n\n${describe(schema.shape)}`)
    process.exit(0)
  }
  const given = withPasswordFiles(
    Object.fromEntries(Object.entries(program.env).filter(([, value]) => value !== undefined && value !== '')),
  )
  const parsed = schema.safeParse(given)
  const found = new Set([
    ...passwordFilesAlone(given).filter((problem) => (problem.split(':')[0] ?? '') in schema.shape),
    ...[parsed, ...rulesOf(schema.shape).map((rule) => rule.safeParse(given))].flatMap(({ error }) =>
      (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`),
    ),
  ])
  if (parsed.success && found.size === 0) return parsed.data
  const problems = [...found].map((problem) => `  ${visibleLine(said(problem, mostOfProblem))}`)
  throw new SettingsError(`${program.name} cannot start, its settings are wrong:\n${problems.join('\n')}`)
}

/** The same for a process's composition root: prints what is wrong and exits 1. */
export const settingsOrExit = <Settings>(
  program: Parameters<typeof readSettings>[0],
  schema: SettingsSchema<Settings>,
): Settings => {
  try {
    return readSettings(program, schema)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    console.error(error.message)
    return process.exit(1)
  }
}
