import { serviceMain } from '@countermand/service'
import { consoleService } from './handlers.ts'
import { startShop } from './http/shop.ts'
import { type ConsoleSettings, consoleSettings } from './settings.ts'
import type { Case } from './state.ts'
import { forget } from './store/forget.ts'

const forgetEveryMs = 60_000

await serviceMain<ConsoleSettings, Case>({
  name: 'console',
  settings: consoleSettings,
  databaseUrl: (settings) => settings.CONSOLE_DATABASE_URL,
  httpPort: (settings) => settings.CONSOLE_HTTP_PORT,
  create: ({ SHOP_PORT: port, SHOP_HOST: host, ORDERS_KEPT: orders, CASES_KEPT: cases }, { log, metrics }) => ({
    definition: consoleService,
    serve: async (service, database) => {
      const shop = await startShop({ service, database, port, host, log, metrics })
      log.info({ shop: shop.port }, 'the shop side is up')
      const timer = setInterval(() => {
        forget(database, { orders, cases }).catch((error: unknown) =>
          log.warn({ err: error }, 'what is over could not be forgotten'),
        )
      }, forgetEveryMs)
      return {
        close: () => {
          clearInterval(timer)
          return shop.close()
        },
      }
    },
  }),
})
