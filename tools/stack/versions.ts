/**
 * The exact versions of the real parts that are fetched. They are part of the cache's keys, so raising one leaves the old one in place for older clones.
 *
 * Temporal's CLI is at the newest version that `go install` takes: from 1.5.2 on, its go.mod has a `replace`.
 */
export const pinned = {
  temporalCli: '1.5.1',
  kafka: '4.1.0',
  scala: '2.13',
  slf4j: '1.7.36',
  temporalTestServer: '1.31.0',
  mavenDependencyPlugin: '3.8.1',
  toxiproxy: '2.5.0',
  composeChecker: '2.16.2',
  prometheus: '3.12.0',
  postgresImage: '18',
} as const
