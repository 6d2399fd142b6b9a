/** `npm run saga --`: the operator's and developer's command line. Each command is one file in `commands/`. */
import { enableCompileCache } from 'node:module'
import { compiled } from '../compiled.ts'

// Before anything else is loaded: whoever is on call types dozens of commands in a night.
enableCompileCache(compiled)

// A reader that has seen enough (`saga list | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const { run } = await import('./run.ts')
process.exitCode = await run(process.argv)
