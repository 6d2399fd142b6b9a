import { accountsIn, accountsPath } from '@countermand/providers/accounts.ts'
import { databasePasswordFile, databaseUrl, port, sharedSettings } from '@countermand/settings'
import { z } from 'zod'
import { accountKinds } from './channels/index.ts'

export const paymentSettings = z.object({
  ...sharedSettings,
  PAYMENT_DATABASE_URL: databaseUrl('payment'),
  PAYMENT_DATABASE_PASSWORD_FILE: databasePasswordFile,
  ACCOUNTS_FILE: accountsPath,
  BANK_TRANSFER: z
    .enum(['sandbox', 'file'])
    .default('sandbox')
    .describe(
      'how refunds go to bank accounts: sandbox, a bank that makes them at once, or file, by npm run bank-file (default sandbox)',
    ),
  PAYMENT_HTTP_PORT: port(8084, 'port of /healthz, /readyz and /metrics'),
})

/** The same in a process, whose secrets may stand in variables of its environment. */
export const paymentSettingsIn = (env: NodeJS.ProcessEnv) =>
  paymentSettings.extend({ ACCOUNTS_FILE: accountsIn(env, accountKinds) })
