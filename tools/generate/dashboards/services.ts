import { type Dashboard, perSecond, quantile } from './dashboard.ts'

export const services: Dashboard = {
  uid: 'countermand-services',
  title: 'Countermand: processes and messages',
  description: 'Our processes, what they read and write, and what waits.',
  rows: [
    {
      title: 'Reading',
      panels: [
        {
          title: 'Messages that wait, by consumer group',
          queries: [
            {
              expr: 'sum by (group, topic) (max by (group, topic, partition) (countermand_consumer_lag))',
              legend: '{{group}} {{topic}}',
            },
          ],
        },
        {
          title: 'No progress though there are messages',
          unit: 's',
          queries: [
            { expr: 'max by (group, topic) (countermand_consumer_stalled_seconds)', legend: '{{group}} {{topic}}' },
          ],
        },
        {
          title: 'Messages read',
          unit: 'reqps',
          queries: [{ expr: perSecond('countermand_messages_total', 'job, topic'), legend: '{{job}} {{topic}}' }],
        },
        {
          title: 'Dead letters',
          unit: 'reqps',
          queries: [
            { expr: perSecond('countermand_dead_letters_total', 'topic, reason'), legend: '{{topic}} {{reason}}' },
          ],
        },
      ],
    },
    {
      title: 'Deciding',
      panels: [
        {
          title: 'One batch, from read to committed (95 %)',
          unit: 's',
          queries: [{ expr: quantile(0.95, 'countermand_batch_seconds', 'job'), legend: '{{job}}' }],
        },
        {
          title: 'Answers',
          unit: 'reqps',
          queries: [{ expr: perSecond('countermand_answers_total', 'answer'), legend: '{{answer}}' }],
        },
        {
          title: 'Commands without a final answer',
          queries: [{ expr: 'max by (command) (countermand_steps_unanswered)', legend: '{{command}}' }],
        },
        {
          title: 'The oldest of them',
          unit: 's',
          queries: [{ expr: 'max by (command) (countermand_steps_unanswered_age_seconds)', legend: '{{command}}' }],
        },
      ],
    },
    {
      title: 'Writing',
      panels: [
        {
          title: 'Outbox rows not with the broker',
          queries: [{ expr: 'max by (job) (countermand_outbox_rows)', legend: '{{job}}' }],
        },
        {
          title: 'Age of the oldest',
          unit: 's',
          queries: [{ expr: 'max by (job) (countermand_outbox_age_seconds)', legend: '{{job}}' }],
        },
        {
          title: 'Messages published',
          unit: 'reqps',
          queries: [{ expr: perSecond('countermand_published_messages_total', 'topic'), legend: '{{topic}}' }],
        },
        {
          title: 'One send to the broker (95 %)',
          unit: 's',
          queries: [{ expr: quantile(0.95, 'countermand_publish_seconds', 'job'), legend: '{{job}}' }],
        },
      ],
    },
    {
      title: 'What providers are asked, and what they tell',
      panels: [
        {
          title: 'Requests to providers, by what came of them',
          unit: 'reqps',
          queries: [
            {
              expr: perSecond('countermand_provider_calls_total', 'account, result'),
              legend: '{{account}} {{result}}',
            },
          ],
        },
        {
          title: 'Posts, by what became of them',
          unit: 'reqps',
          queries: [
            { expr: perSecond('countermand_notifications_total', 'account, result'), legend: '{{account}} {{result}}' },
          ],
        },
        {
          title: 'One post (95 %)',
          unit: 's',
          queries: [{ expr: quantile(0.95, 'countermand_notification_seconds', 'job'), legend: '{{job}}' }],
        },
        {
          title: 'Taken and not told on; about nothing known',
          queries: [
            { expr: 'max(countermand_notifications_waiting)', legend: 'waiting' },
            { expr: 'max(countermand_notifications_unmatched)', legend: 'about nothing known, one day' },
          ],
        },
      ],
    },
    {
      title: 'The API',
      panels: [
        {
          title: 'Calls, by endpoint and status',
          unit: 'reqps',
          queries: [
            { expr: perSecond('countermand_api_calls_total', 'endpoint, status'), legend: '{{endpoint}} {{status}}' },
          ],
        },
        {
          title: 'One call (95 %)',
          unit: 's',
          queries: [{ expr: quantile(0.95, 'countermand_api_call_seconds', 'endpoint'), legend: '{{endpoint}}' }],
        },
      ],
    },
    {
      title: 'Tasks: calls of channels and carriers, polls, deadlines',
      panels: [
        {
          title: 'Scheduled',
          queries: [{ expr: 'max by (job, kind) (countermand_tasks)', legend: '{{job}} {{kind}}' }],
        },
        {
          title: 'Due, and nobody runs them',
          queries: [{ expr: 'max by (job, kind) (countermand_tasks_due)', legend: '{{job}} {{kind}}' }],
        },
        {
          title: 'The oldest is overdue for',
          unit: 's',
          queries: [{ expr: 'max by (job) (countermand_tasks_overdue_seconds)', legend: '{{job}}' }],
        },
        {
          title: 'Messages that wait for their order',
          queries: [{ expr: 'max by (job) (countermand_waiting_messages)', legend: '{{job}}' }],
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'Ready',
          queries: [{ expr: 'sum by (job) (countermand_ready)', legend: '{{job}}' }],
        },
        {
          title: 'Processor time',
          unit: 'percentunit',
          queries: [{ expr: 'rate(process_cpu_seconds_total[$__rate_interval])', legend: '{{job}} {{instance}}' }],
        },
        {
          title: 'Memory',
          unit: 'bytes',
          queries: [{ expr: 'process_resident_memory_bytes', legend: '{{job}} {{instance}}' }],
        },
        {
          title: 'Event loop late by (99 %)',
          unit: 's',
          queries: [{ expr: 'nodejs_eventloop_lag_p99_seconds', legend: '{{job}} {{instance}}' }],
        },
        {
          title: 'Consumers started again',
          queries: [
            { expr: 'sum by (group) (increase(countermand_consumer_restarts_total[15m]))', legend: '{{group}}' },
          ],
        },
      ],
    },
  ],
}
