import { serviceMain } from '@countermand/messaging'
import { channels } from './channels/index.ts'
import { openSandboxBook } from './channels/sandbox-book.ts'
import { payment } from './handlers.ts'
import { paymentSettings } from './settings.ts'

await serviceMain({
  name: 'payment',
  settings: paymentSettings,
  databaseUrl: (settings) => settings.PAYMENT_DATABASE_URL,
  httpPort: (settings) => settings.PAYMENT_HTTP_PORT,
  create: (settings, { log }) => {
    const book = openSandboxBook(settings.PAYMENT_DATABASE_URL, (error) =>
      log.warn({ err: error }, 'a connection of the sandbox broke'),
    )
    const definition = payment(
      {
        stepAttempts: settings.STEP_ATTEMPTS,
        stepBackoffMs: settings.STEP_BACKOFF,
        refundPatienceMs: settings.REFUND_PATIENCE,
      },
      channels({ sandbox: book }),
    )
    return { definition, close: book.close }
  },
})
