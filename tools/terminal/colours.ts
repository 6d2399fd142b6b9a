import pc from 'picocolors'

/**
 * Whether text gets colours: as NO_COLOR says (no-color.org), then as FORCE_COLOR says, else on a terminal alone. A build server's `CI`
 * asks for none: there too, a pipe gets plain text.
 */
export const coloured = (env: NodeJS.ProcessEnv, terminal: boolean): boolean => {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return terminal && env.TERM !== 'dumb'
}

export const colours = pc.createColors(coloured(process.env, process.stdout.isTTY === true))
