/**
 * Puts the native parts into the cache: `node prepare.ts [--with=tests|chaos]`. Called by `tools/setup.mjs` once dependencies are installed.
 * What is reached by an address in the environment is not fetched. Progress goes to stderr: stdout belongs to the command that follows.
 */
import { fetchChromium } from './chromium.ts'
import { dockerAnswers } from './docker.ts'
import { fetchComposeChecker, fetchKafka, fetchTemporal, fetchTestServer, fetchToxiproxy } from './fetch.ts'
import { fetchPromtool } from './fetch-promtool.ts'
import { MissingTool } from './programs.ts'
import { readStackSettings, type StackSettings } from './settings.ts'

const log = (line: string) => process.stderr.write(`[setup] ${line}\n`)
const abort = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort(new Error(signal)))

const fetching = { env: process.env, log, signal: abort.signal }

/** Missing tools do no harm where Docker can run the part instead. */
const orDocker = async (settings: StackSettings, fetch: () => Promise<unknown>): Promise<void> => {
  try {
    await fetch()
  } catch (error) {
    if (settings.way === 'native' || abort.signal.aborted || !(await dockerAnswers(process.env))) throw error
    log(`${error instanceof Error ? error.message.split('\n')[0] : error}; Docker will run it instead`)
  }
}

/** What only some tests need: they say themselves what is missing. */
const forTests = async (fetch: () => Promise<unknown>): Promise<void> => {
  try {
    await fetch()
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error
    log(error.message)
  }
}

const prepare = async (): Promise<void> => {
  const settings = readStackSettings(process.env)
  const native = settings.way !== 'docker'
  const javaParts = async () => {
    if (native && settings.kafkaBrokers === undefined) await orDocker(settings, () => fetchKafka(fetching))
    if (process.argv.includes('--with=tests')) await forTests(() => fetchTestServer(fetching))
  }
  const goParts = async () => {
    if (native && settings.temporalAddress === undefined) await orDocker(settings, () => fetchTemporal(fetching))
    if (process.argv.includes('--with=chaos')) await fetchToxiproxy(fetching)
    if (!process.argv.includes('--with=tests')) return
    await forTests(() => fetchToxiproxy(fetching))
    await forTests(() => fetchComposeChecker(fetching))
    await forTests(() => fetchPromtool(fetching))
  }
  const browser = async () => {
    if (process.argv.includes('--with=tests')) await fetchChromium(fetching)
  }
  // Maven and apt wait for the network while Go keeps the processors busy.
  const results = await Promise.allSettled([javaParts(), goParts(), browser()])
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  for (const failure of failures) log(failure instanceof Error ? failure.message : String(failure))
  if (failures.length > 0) process.exitCode = 1
}

try {
  await prepare()
} catch (error) {
  log(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
