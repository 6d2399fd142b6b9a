/** `npm run saga --`: the operator's and developer's command line. Each command is one file in `commands/`, and what it does one in `actions/`, loaded when it is called. */
import { run } from './run.ts'

// A reader that has seen enough (`saga list | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await run(process.argv)
