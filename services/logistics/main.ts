import { serviceMain } from '@countermand/messaging'
import { carriers } from './carriers/index.ts'
import { openSandboxBook } from './carriers/sandbox-book.ts'
import { logistics } from './handlers.ts'
import { logisticsSettings } from './settings.ts'

await serviceMain({
  name: 'logistics',
  settings: logisticsSettings,
  databaseUrl: (settings) => settings.LOGISTICS_DATABASE_URL,
  httpPort: (settings) => settings.LOGISTICS_HTTP_PORT,
  create: (settings, { log }) => {
    const sandbox = openSandboxBook(settings.LOGISTICS_DATABASE_URL, (error) =>
      log.warn({ err: error }, "a connection of the sandbox carrier's book broke"),
    )
    return {
      definition: logistics(
        {
          orderPatienceMs: settings.ORDER_PATIENCE,
          interceptPatienceMs: settings.INTERCEPT_PATIENCE,
          stepAttempts: settings.STEP_ATTEMPTS,
          undoAttempts: settings.UNDO_ATTEMPTS,
          stepBackoffMs: settings.STEP_BACKOFF,
        },
        carriers({ sandbox: sandbox.book }),
      ),
      close: sandbox.close,
    }
  },
})
