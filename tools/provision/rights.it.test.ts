import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { topicPlan } from '@countermand/contracts'
import { connectKafka } from '@countermand/kafka'
import { expect, inject, it } from 'vitest'
import { type Principal, principals, rightsOf } from './rights.ts'

const { secured, temporalAddress } = inject('stack')
const program = fileURLToPath(new URL('./main.ts', import.meta.url))
const prefix = `rights-${process.pid}.`

it.skipIf(secured === undefined)(
  'each may write what is its to write and nothing else, and nobody but provision makes a topic',
  async () => {
    if (secured === undefined) return
    const provision = (username: string, ...args: string[]) =>
      promisify(execFile)(process.execPath, [program, ...args], {
        env: {
          ...{ PATH: process.env.PATH, KAFKA_BROKERS: secured.kafkaBrokers, KAFKA_TOPIC_PREFIX: prefix },
          ...{ KAFKA_SSL: 'true', KAFKA_SSL_CA_FILE: secured.files.ca, KAFKA_SASL_MECHANISM: 'scram-sha-512' },
          ...{ KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD_FILE: secured.files.password },
          ...{ KAFKA_PARTITIONS: '1', KAFKA_REPLICATION: '1' },
          ...{ TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_NAMESPACE: `rights-${process.pid}` },
        },
      })
    await provision(secured.username, '--rights', 'set')
    await provision('provision')

    const connect = (username: string) =>
      connectKafka({
        ...{ brokers: [secured.kafkaBrokers], clientId: `rights-${username}`, prefix, retries: 1 },
        security: {
          tls: { caFile: secured.files.ca },
          sasl: { mechanism: 'scram-sha-512', username, passwordFile: secured.files.password },
        },
      })
    const written = async (principal: Principal): Promise<string[]> => {
      const producer = connect(principal).producer()
      // Who may write nothing is not even let begin.
      const begun = await producer.connect().then(
        () => true,
        (error: unknown) => {
          expect(String(error)).toMatch(/authorization failed/)
          return false
        },
      )
      if (!begun) return []
      const took: string[] = []
      for (const { name } of topicPlan()) {
        const topic = `${prefix}${name}`
        const sent = producer.send({ topic, messages: [{ key: 'a', value: '{}' }] })
        await sent.then(
          () => took.push(topic),
          (error: unknown) => expect(String(error)).toMatch(/[Nn]ot authorized|does not host this topic/),
        )
      }
      await producer.disconnect()
      return took
    }
    const mayWrite = (principal: Principal) =>
      rightsOf(prefix)
        .filter(
          (right) => right.principal === principal && right.operations.includes('Write') && right.resource === 'topic',
        )
        .map(({ name }) => name)
    for (const principal of principals)
      expect((await written(principal)).toSorted(), principal).toEqual(mayWrite(principal).toSorted())

    // Nor does one read in the name of another.
    const foreign = connect('order').consumer('countermand-payment')
    const crashed = new Promise((resolve) => foreign.on('consumer.crash', ({ payload }) => resolve(payload.error)))
    const joined = new Promise((resolve) => foreign.on('consumer.group_join', () => resolve('joined')))
    await foreign.connect()
    await foreign.subscribe({ topics: [`${prefix}orders.placed.v1`] })
    await foreign.run({ eachBatch: async () => undefined })
    expect(String(await Promise.race([crashed, joined]))).toMatch(/not authorized|group coordinator/i)
    await foreign.disconnect()
    const admin = connect('order').admin()
    await admin.connect()
    await expect(admin.createTopics({ topics: [{ topic: `${prefix}more` }] })).rejects.toThrow()
    await admin.disconnect()
  },
  120_000,
)
