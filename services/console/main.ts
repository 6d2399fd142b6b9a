import { serviceMain } from '@countermand/service'
import { consoleService } from './handlers.ts'
import { limitsOf, startShop } from './http/shop.ts'
import { startStaff } from './http/staff-side.ts'
import { startMailSender } from './mail/sender.ts'
import { approvalBy, type ConsoleSettings, consoleSettings, shopUrl, staffUrl } from './settings.ts'
import type { Case } from './state.ts'
import { countRest } from './store/count-rest.ts'
import { forget } from './store/forget.ts'
import { startDeliverer } from './webhooks/deliver.ts'
import { allowing } from './webhooks/public-address.ts'

const forgetEveryMs = 60_000

/** `undefined`: nobody says who members of staff are. */
const staffSide = async (
  settings: Omit<ConsoleSettings, 'ORDERS_KEPT' | 'CASES_KEPT' | 'WEBHOOKS_KEPT'>,
  parts: Pick<Parameters<typeof startStaff>[0], 'service' | 'log' | 'metrics'>,
) => {
  if (settings.OIDC_ISSUER === undefined) return undefined
  const staff = await startStaff({
    ...{ ...parts, databaseUrl: settings.CONSOLE_DATABASE_URL, url: staffUrl(settings), zone: settings.SHOP_ZONE },
    ...{ port: settings.STAFF_PORT, host: settings.STAFF_HOST, proxies: settings.SHOP_PROXIES },
    ...{ customersUrl: shopUrl(settings), mails: settings.MAIL_URL !== undefined, contactKey: settings.CONTACT_KEY },
    ...{
      images: settings.SHOP_IMAGES,
      shop: { name: settings.SHOP_NAME },
      approvalOf: approvalBy(settings),
      secondPersonFrom: settings.SECOND_PERSON_FROM,
      accent: settings.SHOP_ACCENT,
      limits: limitsOf(settings.CALLS_PER_SECOND),
    },
    identity: {
      ...{ issuer: new URL(settings.OIDC_ISSUER), clientId: settings.OIDC_CLIENT_ID },
      ...{ clientSecret: settings.OIDC_CLIENT_SECRET, rolesClaim: settings.OIDC_ROLES_CLAIM },
      merchantsClaim: settings.OIDC_MERCHANTS_CLAIM,
    },
  })
  parts.log.info({ staff: staff.port }, 'the staff side is up')
  return staff
}

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
        ...{
          url: shopUrl(settings),
          zone: settings.SHOP_ZONE,
          images: settings.SHOP_IMAGES,
          origins: settings.SHOP_ORIGINS,
        },
        approvalOf: approvalBy(settings),
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
      const staff = await staffSide(settings, { service, log, metrics })
      const deliverer = startDeliverer({ database, allowed, log, metrics })
      countRest(database).then(
        (many) => many > 0 && log.info({ many }, 'requests of an earlier release are counted'),
        (error: unknown) => log.warn({ err: error }, 'requests of an earlier release could not be counted'),
      )
      const timer = setInterval(() => {
        forget(database, { orders, cases, deliveries }).catch((error: unknown) =>
          log.warn({ err: error }, 'what is over could not be forgotten'),
        )
      }, forgetEveryMs)
      return {
        close: async () => {
          clearInterval(timer)
          await Promise.all([shop.close(), staff?.close(), deliverer.stop(), mails?.close()])
        },
      }
    },
  }),
})
