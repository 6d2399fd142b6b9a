import type { Database } from '@countermand/database'
import type { Measure, Reading } from '@countermand/telemetry'
import { sql } from 'kysely'

/** What a service's own tables tell about its work, beside what the kit's tables do. */
export interface ServiceMeasure extends Omit<Measure, 'read'> {
  read(database: Database): Promise<readonly Reading<string>[]>
}

const gauges = [
  { name: 'countermand_outbox_rows', help: 'Rows of the outbox that are not with the broker yet' },
  {
    name: 'countermand_outbox_age_seconds',
    help: 'Age of the oldest row of the outbox that is not with the broker; 0: none',
  },
  {
    name: 'countermand_tasks',
    help: 'Calls of channels and carriers, polls and deadlines that are scheduled, by kind',
    labelNames: ['kind'],
  },
  {
    name: 'countermand_tasks_due',
    help: 'Those of them that are due and that nobody runs, by kind',
    labelNames: ['kind'],
  },
  {
    name: 'countermand_tasks_overdue_seconds',
    help: 'For how long the oldest task that nobody runs has been due; 0: none',
  },
  { name: 'countermand_tasks_set_aside', help: 'Tasks that cannot be run at all and wait for a person' },
  {
    name: 'countermand_steps_unanswered',
    help: 'Commands that were taken and have no final answer yet, by command',
    labelNames: ['command'],
  },
  {
    name: 'countermand_steps_unanswered_age_seconds',
    help: 'Age of the oldest command that has no final answer yet, by command',
    labelNames: ['command'],
  },
  { name: 'countermand_waiting_messages', help: 'Messages that came before their order and wait for it' },
] as const

type Gauge = (typeof gauges)[number]['name']

interface Totals {
  readonly outbox: number
  readonly outbox_age: number
  readonly overdue: number
  readonly set_aside: number
  readonly waiting: number
}

/** One row of figures. Each subquery has an index that knows only what waits. */
const readTotals = async (database: Database): Promise<Reading<Gauge>[]> => {
  const { rows } = await sql<Totals>`
    select
      (select count(*) from outbox where published_at is null) as outbox,
      (select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 from outbox where published_at is null) as outbox_age,
      (select coalesce(extract(epoch from now() - min(due_at)), 0)::float8 from tasks
        where due_at <= now() and last_error is null and (lease_until is null or lease_until < now())) as overdue,
      (select count(*) from tasks where last_error is not null) as set_aside,
      (select count(*) from waiting) as waiting`.execute(database)
  return rows.flatMap((row) => [
    { gauge: 'countermand_outbox_rows', value: row.outbox },
    { gauge: 'countermand_outbox_age_seconds', value: row.outbox_age },
    { gauge: 'countermand_tasks_overdue_seconds', value: row.overdue },
    { gauge: 'countermand_tasks_set_aside', value: row.set_aside },
    { gauge: 'countermand_waiting_messages', value: row.waiting },
  ])
}

const readTasks = async (database: Database): Promise<Reading<Gauge>[]> => {
  const { rows } = await sql<{ kind: string; scheduled: number; due: number }>`
    select kind, count(*) as scheduled,
      count(*) filter (where due_at <= now() and (lease_until is null or lease_until < now())) as due
    from tasks where last_error is null group by kind`.execute(database)
  return rows.flatMap(({ kind, scheduled, due }) => [
    { gauge: 'countermand_tasks', labels: { kind }, value: scheduled },
    { gauge: 'countermand_tasks_due', labels: { kind }, value: due },
  ])
}

const readUnanswered = async (database: Database): Promise<Reading<Gauge>[]> => {
  const { rows } = await sql<{ command: string; count: number; age: number }>`
    select command, count(*) as count, extract(epoch from now() - min(received_at))::float8 as age
    from steps where answer is null and command is not null group by command`.execute(database)
  return rows.flatMap(({ command, count, age }) => [
    { gauge: 'countermand_steps_unanswered', labels: { command }, value: count },
    { gauge: 'countermand_steps_unanswered_age_seconds', labels: { command }, value: age },
  ])
}

/** What waits in the kit's own tables. */
export const kitMeasure = (database: Database): Measure<Gauge> => ({
  gauges,
  read: async () => {
    const parts = await Promise.all([readTotals, readTasks, readUnanswered].map((part) => part(database)))
    return parts.flat()
  },
})
