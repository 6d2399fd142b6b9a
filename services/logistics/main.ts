import { measuredHttp } from '@countermand/providers/measured-http.ts'
import { serviceMain } from '@countermand/service'
import { carriers } from './carriers/index.ts'
import { openSandboxBook } from './carriers/sandbox-book.ts'
import { logistics } from './handlers.ts'
import { logisticsSettingsIn } from './settings.ts'

await serviceMain({
  name: 'logistics',
  settings: logisticsSettingsIn(process.env),
  databaseUrl: (settings) => settings.LOGISTICS_DATABASE_URL,
  httpPort: (settings) => settings.LOGISTICS_HTTP_PORT,
  create: (settings, { log, metrics }) => {
    const sandbox = openSandboxBook(settings.LOGISTICS_DATABASE_URL, (error) =>
      log.warn({ err: error }, "a connection of the sandbox carrier's book broke"),
    )
    // Shorter than a task's call may take.
    const http = measuredHttp(metrics, { callMs: 50_000 })
    const accounts = settings.ACCOUNTS_FILE((problem) => log.error(problem))
    return {
      definition: logistics(
        {
          orderPatienceMs: settings.ORDER_PATIENCE,
          interceptPatienceMs: settings.INTERCEPT_PATIENCE,
          holdPatienceMs: settings.HOLD_PATIENCE,
          labelVoid: settings.LABEL_VOID,
          interceptedWhen: settings.INTERCEPTED_WHEN,
          labelPatienceMs: settings.LABEL_PATIENCE,
          stepAttempts: settings.STEP_ATTEMPTS,
          undoAttempts: settings.UNDO_ATTEMPTS,
          stepBackoffMs: settings.STEP_BACKOFF,
        },
        carriers({ sandbox: sandbox.book, http, accounts }),
      ),
      close: async () => void (await Promise.all([sandbox.close(), http.close()])),
    }
  },
})
