import { accountsIn, accountsPath } from '@countermand/providers/accounts.ts'
import { databasePasswordFile, databaseUrl, port, sharedSettings } from '@countermand/settings'
import { z } from 'zod'
import { senderKinds } from './senders/index.ts'

export const gatewaySettings = z.object({
  ...sharedSettings,
  GATEWAY_DATABASE_URL: databaseUrl('gateway'),
  GATEWAY_DATABASE_PASSWORD_FILE: databasePasswordFile,
  ACCOUNTS_FILE: accountsPath,
  GATEWAY_HTTP_PORT: port(8089, 'port of /healthz, /readyz and /metrics'),
  GATEWAY_HOST: sharedSettings.HTTP_HOST.describe('address that notifications are taken on (default 127.0.0.1)'),
  GATEWAY_PORT: port(8090, 'port of POST /notify/<account>'),
})

/** The same in a process, whose secrets may stand in variables of its environment. */
export const gatewaySettingsIn = (env: NodeJS.ProcessEnv) =>
  gatewaySettings.extend({ ACCOUNTS_FILE: accountsIn(env, senderKinds) })
