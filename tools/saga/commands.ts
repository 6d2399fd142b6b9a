import type { DefineCommand } from './exit.ts'

/** Every command by its name, in the order of the help; loaded when it is asked for; what it does is loaded when it is called. */
export const commands: ReadonlyMap<string, () => Promise<DefineCommand>> = new Map([
  ['status', async () => (await import('./commands/status.ts')).status],
  ['list', async () => (await import('./commands/list.ts')).list],
  ['show', async () => (await import('./commands/show.ts')).show],
  ['tail', async () => (await import('./commands/tail.ts')).tail],
  ['retry', async () => (await import('./commands/retry.ts')).retry],
  ['resolve', async () => (await import('./commands/resolve.ts')).resolve],
  ['decide', async () => (await import('./commands/decide.ts')).decide],
  ['withdraw', async () => (await import('./commands/withdraw.ts')).withdraw],
  ['cancel', async () => (await import('./commands/cancel.ts')).cancel],
  ['dlq', async () => (await import('./commands/dlq.ts')).dlq],
  ['intake', async () => (await import('./commands/intake.ts')).intake],
  ['policy', async () => (await import('./commands/policy.ts')).policy],
  ['insight', async () => (await import('./commands/insight.ts')).insight],
  ['verify', async () => (await import('./commands/verify.ts')).verify],
  ['reconcile', async () => (await import('./commands/reconcile.ts')).reconcile],
  ['replay', async () => (await import('./commands/replay.ts')).replay],
  ['export', async () => (await import('./commands/export.ts')).exportHistory],
  ['trigger', async () => (await import('./commands/trigger.ts')).trigger],
  ['drill', async () => (await import('./commands/drill.ts')).drill],
  ['link', async () => (await import('./commands/link.ts')).link],
  ['key', async () => (await import('./commands/key.ts')).key],
  ['webhook', async () => (await import('./commands/webhook.ts')).webhook],
  ['completion', async () => (await import('./commands/completion.ts')).completion],
])

/** The command that is typed; `undefined`: none of ours, or the help about all. */
export const askedFor = (words: readonly string[]): string | undefined => {
  const first = words.find((word) => !word.startsWith('-'))
  return first !== undefined && commands.has(first) ? first : undefined
}

/** What has to be loaded to understand what is typed: one command, or all where all are told of. */
export const load = (words: readonly string[]): Promise<DefineCommand[]> => {
  const asked = askedFor(words)
  const one = asked === undefined || asked === 'completion' ? undefined : commands.get(asked)
  return Promise.all((one === undefined ? [...commands.values()] : [one]).map((each) => each()))
}
