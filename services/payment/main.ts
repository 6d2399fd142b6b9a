import { measuredHttp } from '@countermand/providers/measured-http.ts'
import { serviceMain } from '@countermand/service'
import { accountFor, channels } from './channels/index.ts'
import { openSandboxBook } from './channels/sandbox-book.ts'
import { payment } from './handlers.ts'
import { startReconciler } from './reconcile/worker.ts'
import { paymentSettingsIn } from './settings.ts'
import { openBankTransfers } from './store/bank-transfers.ts'
import { openGiftCards } from './store/gift-cards.ts'

await serviceMain({
  name: 'payment',
  settings: paymentSettingsIn(process.env),
  databaseUrl: (settings) => settings.PAYMENT_DATABASE_URL,
  httpPort: (settings) => settings.PAYMENT_HTTP_PORT,
  create: (settings, { log, metrics }) => {
    const book = openSandboxBook(settings.PAYMENT_DATABASE_URL, (error) =>
      log.warn({ err: error }, 'a connection of the sandbox broke'),
    )
    const giftCards = openGiftCards(settings.PAYMENT_DATABASE_URL, (error) =>
      log.warn({ err: error }, 'the connection for gift cards broke'),
    )
    const bank =
      settings.BANK_TRANSFER === 'file'
        ? openBankTransfers(settings.PAYMENT_DATABASE_URL, (error) =>
            log.warn({ err: error }, 'a connection for bank transfers broke'),
          )
        : undefined
    const accounts = settings.ACCOUNTS_FILE((problem) => log.error(problem))
    const http = measuredHttp(metrics)
    const opened = channels({ sandbox: book, giftCards, accounts, http, ...(bank && { bank: bank.desk }) })
    const reconciler = startReconciler({
      ...{ databaseUrl: settings.PAYMENT_DATABASE_URL, channels: opened, accounts, log },
    })
    const definition = payment(
      {
        stepAttempts: settings.STEP_ATTEMPTS,
        stepBackoffMs: settings.STEP_BACKOFF,
        refundPatienceMs: settings.REFUND_PATIENCE,
      },
      opened,
      accountFor(accounts),
    )
    const close = async () => {
      await reconciler.stop()
      await Promise.all([book.close(), giftCards.close(), http.close(), bank?.close()])
    }
    return { definition, close }
  },
})
