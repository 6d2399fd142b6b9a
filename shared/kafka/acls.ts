import { withAdmin } from './admin.ts'
import { type KafkaCluster, numbers } from './kafka.ts'

/** One principal may do this to what has this name. */
export interface Acl {
  /** As Kafka knows it, without `User:`. */
  readonly principal: string
  readonly resource: 'topic' | 'group' | 'transactional-id'
  readonly name: string
  readonly pattern: 'literal' | 'prefixed'
  readonly operation: keyof typeof operations
}

const { AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = numbers

const operations = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Create: AclOperationTypes.CREATE,
  Delete: AclOperationTypes.DELETE,
  Describe: AclOperationTypes.DESCRIBE,
  AlterConfigs: AclOperationTypes.ALTER_CONFIGS,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
}
const resources = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  'transactional-id': AclResourceTypes.TRANSACTIONAL_ID,
}
const patterns = { literal: ResourcePatternTypes.LITERAL, prefixed: ResourcePatternTypes.PREFIXED }

/** Gives these rights; those that are there already stay, and so do all others. */
export const addAcls = (cluster: KafkaCluster, acls: readonly Acl[]): Promise<boolean> =>
  withAdmin(cluster, 5, (admin) =>
    admin.createAcls({
      acl: acls.map(({ principal, resource, name, pattern, operation }) => ({
        ...{ principal: `User:${principal}`, host: '*', permissionType: AclPermissionTypes.ALLOW },
        ...{ resourceType: resources[resource], resourceName: name },
        ...{ resourcePatternType: patterns[pattern], operation: operations[operation] },
      })),
    }),
  )
