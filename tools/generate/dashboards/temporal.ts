import { type Dashboard, perSecond, quantile } from './dashboard.ts'

/** What Temporal's SDK tells of the orchestrators. */
export const temporal: Dashboard = {
  uid: 'countermand-temporal',
  title: 'Countermand: Temporal SDK',
  description: 'The orchestrators as workers of Temporal.',
  rows: [
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests',
          unit: 'reqps',
          queries: [{ expr: perSecond('temporal_request_total', 'operation'), legend: '{{operation}}' }],
        },
        {
          title: 'Requests that failed',
          unit: 'reqps',
          queries: [
            {
              expr: perSecond('temporal_request_failure_total', 'operation, status_code'),
              legend: '{{operation}} {{status_code}}',
            },
          ],
        },
        {
          title: 'Time of a request (95 %)',
          unit: 's',
          queries: [{ expr: quantile(0.95, 'temporal_request_latency_seconds', 'operation'), legend: '{{operation}}' }],
        },
      ],
    },
    {
      title: 'Workflow tasks',
      panels: [
        {
          title: 'Waiting for a worker (95 %)',
          unit: 's',
          queries: [
            {
              expr: quantile(0.95, 'temporal_workflow_task_schedule_to_start_latency_seconds', 'job'),
              legend: '{{job}}',
            },
          ],
        },
        {
          title: 'Time of a workflow task (95 %)',
          unit: 's',
          queries: [
            {
              expr: quantile(0.95, 'temporal_workflow_task_execution_latency_seconds', 'workflow_type'),
              legend: '{{workflow_type}}',
            },
          ],
        },
        {
          title: 'Workflow tasks that failed',
          unit: 'reqps',
          queries: [
            {
              expr: perSecond('temporal_workflow_task_execution_failed_total', 'workflow_type, failure_reason'),
              legend: '{{workflow_type}} {{failure_reason}}',
            },
          ],
        },
        {
          title: 'Cached workflows',
          queries: [{ expr: 'sum by (instance) (temporal_sticky_cache_size)', legend: '{{instance}}' }],
        },
      ],
    },
    {
      title: 'Slots and pollers',
      panels: [
        {
          title: 'Free slots',
          queries: [{ expr: 'min by (worker_type) (temporal_worker_task_slots_available)', legend: '{{worker_type}}' }],
        },
        {
          title: 'Pollers',
          queries: [{ expr: 'sum by (poller_type) (temporal_num_pollers)', legend: '{{poller_type}}' }],
        },
        {
          title: 'Activities (95 %)',
          unit: 's',
          queries: [
            {
              expr: quantile(0.95, 'temporal_activity_execution_latency_seconds', 'activity_type'),
              legend: '{{activity_type}}',
            },
          ],
        },
        {
          title: 'Local activities (95 %)',
          unit: 's',
          queries: [
            {
              expr: quantile(0.95, 'temporal_local_activity_execution_latency_seconds', 'activity_type'),
              legend: '{{activity_type}}',
            },
          ],
        },
      ],
    },
  ],
}
