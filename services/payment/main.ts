import { serviceMain } from '@countermand/messaging'
import { databaseUrl, port, sharedSettings } from '@countermand/settings'
import { z } from 'zod'
import { channels } from './channels/index.ts'
import { openSandboxBook } from './channels/sandbox-book.ts'
import { payment } from './handlers.ts'

await serviceMain({
  name: 'payment',
  settings: z.object({
    ...sharedSettings,
    PAYMENT_DATABASE_URL: databaseUrl('payment'),
    PAYMENT_HTTP_PORT: port(8084, 'port of /healthz, /readyz and /metrics'),
  }),
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
