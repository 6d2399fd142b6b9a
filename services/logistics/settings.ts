import { accountsIn, accountsPath } from '@countermand/providers/accounts.ts'
import { databasePasswordFile, databaseUrl, port, sharedSettings } from '@countermand/settings'
import { z } from 'zod'
import { carrierKinds } from './carriers/index.ts'

export const logisticsSettings = z.object({
  ...sharedSettings,
  LOGISTICS_DATABASE_URL: databaseUrl('logistics'),
  LOGISTICS_DATABASE_PASSWORD_FILE: databasePasswordFile,
  ACCOUNTS_FILE: accountsPath,
  LABEL_VOID: z
    .enum(['by-carrier', 'before-refund', 'after-refund'])
    .default('by-carrier')
    .describe(
      'when labels of parcels that are not handed over are voided: before-refund, or after-refund, until when the warehouse keeps them (default by-carrier: as the carrier says)',
    ),
  INTERCEPTED_WHEN: z
    .enum(['returning', 'accepted'])
    .default('returning')
    .describe(
      'when a parcel on the road counts as stopped: returning, when its carrier or its tracking says that it is on its way back, or accepted, when its carrier has taken the stop on (default returning)',
    ),
  LOGISTICS_HTTP_PORT: port(8083, 'port of /healthz, /readyz and /metrics'),
})

/** The same in a process, whose secrets may stand in variables of its environment. */
export const logisticsSettingsIn = (env: NodeJS.ProcessEnv) =>
  logisticsSettings.extend({ ACCOUNTS_FILE: accountsIn(env, carrierKinds) })
