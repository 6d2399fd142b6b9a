import type { Right } from './rights.ts'

/** Rights as the tools take them that keep them. */

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Commands of Kafka's own tool; `$BOOTSTRAP` and `$ADMIN_CONFIG` are the shell's. */
const asKafkaAcls = (rights: readonly Right[]): string =>
  rights
    .map(({ principal, resource, name, pattern, operations }) =>
      [
        'kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN_CONFIG" --add',
        `--allow-principal ${quoted(`User:${principal}`)}`,
        ...operations.map((operation) => `--operation ${operation}`),
        `--${resource} ${quoted(name)} --resource-pattern-type ${pattern}`,
      ].join(' '),
    )
    .join('\n')

const strimziTypes = { topic: 'topic', group: 'group', 'transactional-id': 'transactionalId' } as const
const byPrincipal = (rights: readonly Right[]) => Map.groupBy(rights, ({ principal }) => principal)

/** One `KafkaUser` for each principal, as YAML takes JSON. */
const asStrimzi = (rights: readonly Right[]): string =>
  [...byPrincipal(rights)]
    .map(([name, own]) => {
      const acls = own.map(({ resource, name: of, pattern, operations }) => ({
        resource: {
          type: strimziTypes[resource],
          name: of,
          patternType: pattern === 'literal' ? 'literal' : 'prefix',
        },
        operations,
      }))
      const user = {
        apiVersion: 'kafka.strimzi.io/v1beta2',
        kind: 'KafkaUser',
        metadata: { name, labels: { 'strimzi.io/cluster': 'kafka' } },
        spec: { authentication: { type: 'scram-sha-512' }, authorization: { type: 'simple', acls } },
      }
      return `---\n${JSON.stringify(user, null, 2)}`
    })
    .join('\n')

const terraformTypes = { topic: 'Topic', group: 'Group', 'transactional-id': 'TransactionalID' } as const

/** Terraform's JSON, for the provider `Mongey/kafka`. */
const asTerraform = (rights: readonly Right[]): string => {
  const resources = rights.flatMap(({ principal, resource, name, pattern, operations }) =>
    operations.map((operation) => [
      `${principal}_${operation}_${resource}_${name}`.replaceAll(/[^\w]/g, '_'),
      {
        ...{ resource_name: name, resource_type: terraformTypes[resource] },
        resource_pattern_type_filter: pattern === 'literal' ? 'Literal' : 'Prefixed',
        ...{ acl_principal: `User:${principal}`, acl_host: '*', acl_operation: operation },
        acl_permission_type: 'Allow',
      },
    ]),
  )
  return JSON.stringify({ resource: { kafka_acl: Object.fromEntries(resources) } }, null, 2)
}

export const rightsFormats = { 'kafka-acls': asKafkaAcls, strimzi: asStrimzi, terraform: asTerraform } as const
export type RightsFormat = keyof typeof rightsFormats
export const isRightsFormat = (name: string): name is RightsFormat => Object.hasOwn(rightsFormats, name)
