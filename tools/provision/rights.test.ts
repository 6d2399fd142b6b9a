import { flows, topicPlan } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { principals, rightsOf } from './rights.ts'
import { rightsFormats } from './write-rights.ts'

const rights = rightsOf('shop-a.')
const of = (principal: string) => rights.filter((right) => right.principal === principal)
const may = (principal: string, operation: string) =>
  of(principal).flatMap(({ resource, name, operations }) =>
    resource === 'topic' && operations.some((each) => each === operation) ? [name] : [],
  )

describe('the rights', () => {
  it('are of every principal, and about topics that there are, each once', () => {
    expect(new Set(rights.map(({ principal }) => principal))).toEqual(new Set(principals))
    const planned = new Set(topicPlan().map(({ name }) => `shop-a.${name}`))
    const named = rights.filter(({ resource }) => resource === 'topic')
    expect(named.filter(({ name }) => !planned.has(name))).toEqual([])
    const keys = rights.map(({ principal, resource, name }) => `${principal} ${resource} ${name}`)
    expect(keys).toEqual([...new Set(keys)])
  })

  it('let nobody but the orchestrator command a service, and no process read what it has no part in', () => {
    for (const service of ['order', 'inventory', 'logistics', 'payment'])
      expect(principals.filter((each) => may(each, 'Write').includes(`shop-a.${service}.commands.v1`))).toEqual([
        'orchestrator',
        // A dead letter goes back where it came from.
        'operations',
        'operators',
      ])
    expect(may('gateway', 'Read')).toEqual(
      Object.entries(flows).flatMap(([topic, { readers }]) => (readers.includes('gateway') ? [`shop-a.${topic}`] : [])),
    )
  })

  it('let a reader put aside what it cannot use, and read no dead letter', () => {
    expect(may('payment', 'Write')).toContain('shop-a.payment.commands.v1.dlq')
    expect(principals.filter((each) => may(each, 'Read').some((name) => name.endsWith('.dlq')))).toEqual([
      'operations',
      'operators',
    ])
  })
})

describe('the formats', () => {
  const count = rights.reduce((sum, { operations }) => sum + operations.length, 0)

  it('of Kafka’s own tool has a command a right, each name quoted', () => {
    const lines = rightsFormats['kafka-acls'](rights).split('\n')
    expect(lines).toHaveLength(rights.length)
    expect(lines.join().split('--operation')).toHaveLength(count + 1)
    expect(rightsFormats['kafka-acls']([{ ...(rights[0] ?? expect.fail()), name: "a'; rm -rf /" }])).toContain(
      `--topic 'a'\\''; rm -rf /'`,
    )
  })

  it('of Strimzi has a user a principal', () => {
    const documents = rightsFormats.strimzi(rights).split('---\n').slice(1)
    const user = z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({ authorization: z.object({ acls: z.array(z.unknown()) }) }),
    })
    const users = documents.map((each) => user.parse(JSON.parse(each)))
    expect(users.map(({ metadata }) => metadata.name)).toEqual(principals)
    expect(users.flatMap(({ spec }) => spec.authorization.acls)).toHaveLength(rights.length)
  })

  it('of Terraform has a resource a right', () => {
    const parsed = z.object({ resource: z.object({ kafka_acl: z.record(z.string(), z.unknown()) }) })
    expect(Object.keys(parsed.parse(JSON.parse(rightsFormats.terraform(rights))).resource.kafka_acl)).toHaveLength(
      count,
    )
  })
})
