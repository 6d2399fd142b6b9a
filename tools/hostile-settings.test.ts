import { consoleSettings } from '@countermand/console/settings.ts'
import { gatewaySettingsIn } from '@countermand/gateway/settings.ts'
import { inventorySettings } from '@countermand/inventory/settings.ts'
import { logisticsSettingsIn } from '@countermand/logistics/settings.ts'
import { orderSettings } from '@countermand/order/settings.ts'
import { paymentSettingsIn } from '@countermand/payment/settings.ts'
import { complaintAbout, complaintsAbout, hostileValues } from '@countermand/testing/hostile-settings.ts'
import { expect, it } from 'vitest'
import { provisionSettings } from './provision/settings.ts'
import { databaseOwners, readStackSettings } from './stack/settings.ts'

// The orchestrator's are beside it: nobody else knows them.
const services = {
  order: orderSettings,
  inventory: inventorySettings,
  logistics: logisticsSettingsIn({}),
  payment: paymentSettingsIn({}),
  gateway: gatewaySettingsIn({}),
  console: consoleSettings,
}

it.each([...databaseOwners])(
  'the process of %s says what is wrong with any setting, where everybody can see it',
  (name) => {
    expect(complaintsAbout(services[name])).toEqual([])
  },
)

it('provisioning says what is wrong with any setting', () => {
  expect(complaintsAbout(provisionSettings)).toEqual([])
})

it.each([
  'KAFKA_BROKERS',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'ORDER_DATABASE_URL',
  'KAFKA_PORT',
  'KAFKA_TOPIC_PREFIX',
])('the stack says what is wrong with %s', (setting) => {
  for (const text of hostileValues) {
    try {
      readStackSettings({ [setting]: text })
    } catch (error) {
      expect(complaintAbout(error instanceof Error ? error.message : '', setting)).toBeUndefined()
    }
  }
})
