import { serviceMain } from '@countermand/service'
import { consoleService } from './handlers.ts'
import { limitsOf, startShop } from './http/shop.ts'
import { startMailSender } from './mail/sender.ts'
import { type ConsoleSettings, consoleSettings, shopUrl } from './settings.ts'
import type { Case } from './state.ts'
import { forget } from './store/forget.ts'
import { startDeliverer } from './webhooks/deliver.ts'
import { allowing } from './webhooks/public-address.ts'

const forgetEveryMs = 60_000

await serviceMain<ConsoleSettings, Case>({
  name: 'console',
  settings: consoleSettings,
  databaseUrl: (settings) => settings.CONSOLE_DATABASE_URL,
  httpPort: (settings) => settings.CONSOLE_HTTP_PORT,
  create: ({ ORDERS_KEPT: orders, CASES_KEPT: cases, WEBHOOKS_KEPT: deliveries, ...settings }, { log, metrics }) => ({
    definition: consoleService,
    serve: async (service, database) => {
      const allowed = allowing(settings.WEBHOOK_ALLOW)
      const customers = {
        ...{ shop: { name: settings.SHOP_NAME, contact: settings.SHOP_CONTACT }, accent: settings.SHOP_ACCENT },
        ...{ url: shopUrl(settings), zone: settings.SHOP_ZONE, images: settings.SHOP_IMAGES },
        ...{ mails: settings.MAIL_URL !== undefined, contactKey: settings.CONTACT_KEY },
      }
      const shop = await startShop({
        ...{ service, log, metrics, databaseUrl: settings.CONSOLE_DATABASE_URL, allowed },
        ...{ port: settings.SHOP_PORT, host: settings.SHOP_HOST, proxies: settings.SHOP_PROXIES },
        customers,
        limits: limitsOf(settings.CALLS_PER_SECOND),
      })
      const mails =
        settings.MAIL_URL === undefined
          ? undefined
          : startMailSender({ url: settings.MAIL_URL, from: settings.MAIL_FROM }, { database, log, metrics })
      log.info({ shop: shop.port }, 'the shop side is up')
      const deliverer = startDeliverer({ database, allowed, log, metrics })
      const timer = setInterval(() => {
        forget(database, { orders, cases, deliveries }).catch((error: unknown) =>
          log.warn({ err: error }, 'what is over could not be forgotten'),
        )
      }, forgetEveryMs)
      return {
        close: async () => {
          clearInterval(timer)
          await Promise.all([shop.close(), deliverer.stop(), mails?.close()])
        },
      }
    },
  }),
})
