/** One line for a person; with the stack and its causes when asked for. */
export const describeError = (error: unknown, verbose: boolean): string => {
  if (!(error instanceof Error)) return `error: ${error}`
  const line = `error: ${error.message.split('\n').join(' ')}`
  if (!verbose) return line
  const causes: string[] = []
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    causes.push(cause.stack ?? cause.message)
  return [line, ...causes].join('\n')
}
