import type { KitName } from './vocabulary.ts'

/**
 * What stands in `ce_source` of what we send. Consumers tell duplicates by source and id together, so a source stays as it was once
 * published: the orchestrator's has no `/` before it.
 */
export const sourceOf = (service: KitName): string => `/countermand/${service}`

/** Of what providers told. */
export const gatewaySource = '/countermand/gateway'

/** Of commands, and of what the orchestrator writes down itself. */
export const orchestratorSource = 'countermand/orchestrator'

/** Of what operators do to dead letters. */
export const operatorsSource = '/countermand/operators'
