import type { Role } from './role.ts'

/** One process of a participant, ready. */
export interface Instance {
  /** SIGTERM: it may finish what it has at hand. */
  stop(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
}

/** Who is tested: a service of ours or of somebody else's. The suite sees it through its topics, and, where it lets it, its database. */
export interface Participant {
  readonly role: Role
  readonly brokers: string
  /** Topics that exist; absent: fresh ones are made. */
  readonly prefix: string | undefined
  /** Its `ORDER_PATIENCE`, in milliseconds. */
  readonly orderPatience: number
  launch(prefix: string): Promise<Instance>
  /** What its database says of an order, without ids and times: two orders with the same history look the same. Empty: nothing yet. */
  readonly digest: ((orderId: string) => Promise<string>) | undefined
  /** How many messages about an order are committed and not published yet. */
  readonly unpublished: ((orderId: string) => Promise<number>) | undefined
  /** Cuts all connections to its database; gives back how many. */
  cutConnections(): Promise<number>
  /** Of each process that ended by itself, how. */
  crashes(): readonly string[]
  close(): Promise<void>
}
