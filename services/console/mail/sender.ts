import type { Database } from '@countermand/database'
import { type Logger, type Metrics, singleFlight } from '@countermand/telemetry'
import { createTransport } from 'nodemailer'
import { mailFailed, mailSent, takeMails } from '../store/mails.ts'

/** Brings mails to a mail server (SMTP): the one room that knows how. A mail that may have been sent is sent again rather than lost, under the same id. */

export interface MailSettings {
  /** `smtps://user:password@mail.example`, `smtp://…`. */
  readonly url: string
  /** Whom mails are from. */
  readonly from: string
}

const everyMs = 1_000
const atOnce = 10

/** Sends what is due, until it is closed. */
export const startMailSender = (
  { url, from }: MailSettings,
  { database, log, metrics }: { readonly database: Database; readonly log: Logger; readonly metrics: Metrics },
): { close(): Promise<void> } => {
  const transport = createTransport({
    ...{ url, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
  const mails = metrics.counter<'outcome'>({
    name: 'countermand_mails_total',
    help: 'Mails by what came of a try: sent, failed (it is tried again), given-up',
    labelNames: ['outcome'],
  })
  for (const outcome of ['sent', 'failed', 'given-up']) mails.inc({ outcome }, 0)
  const domain =
    from
      .split('@')
      .at(-1)
      ?.replace(/[^\w.-]/g, '') ?? 'localhost'

  const send = async ({ id, to, subject, text, tries }: Awaited<ReturnType<typeof takeMails>>[number]) => {
    try {
      await transport.sendMail({
        ...{ from, to: { name: '', address: to }, subject, text, messageId: `<${id}@${domain}>` },
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
      await mailSent(database, id)
      mails.inc({ outcome: 'sent' })
    } catch (error) {
      const isLast = await mailFailed(database, { id, tries })
      mails.inc({ outcome: isLast ? 'given-up' : 'failed' })
      // What a mail server answers may name the address.
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      log.warn(
        { mail: id, tries, code },
        isLast ? 'a mail could not be sent' : 'a mail could not be sent, it is tried again',
      )
    }
  }
  const look = singleFlight(async () => {
    for (const mail of await takeMails(database, atOnce)) await send(mail)
  })
  let open: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    open = look().catch((error: unknown) => log.warn({ err: error }, 'mails could not be looked for'))
  }, everyMs)
  return {
    close: async () => {
      clearInterval(timer)
      await open
      transport.close()
    },
  }
}
