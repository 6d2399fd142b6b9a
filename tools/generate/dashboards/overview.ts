import { type Dashboard, perSecond, quantile } from './dashboard.ts'

/** Every orchestrator tells the same of all sagas, so one of them is enough: `max`, never `sum`. */
export const overview: Dashboard = {
  uid: 'countermand-overview',
  title: 'Countermand: cancellations',
  description: 'How the sagas fare, and who needs a person.',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Open sagas',
          kind: 'stat',
          queries: [{ expr: 'sum(max by (stage) (countermand_sagas_open))', legend: 'open' }],
        },
        {
          title: 'Need a person',
          kind: 'stat',
          description: 'npm run saga -- list --attention',
          queries: [{ expr: 'sum(max by (reason) (countermand_sagas_attention))', legend: 'parked' }],
        },
        {
          title: 'Oldest hold of an order',
          kind: 'stat',
          unit: 's',
          queries: [{ expr: 'max(countermand_hold_age_seconds)', legend: 'age' }],
        },
        {
          title: 'Refunds in doubt',
          kind: 'stat',
          queries: [{ expr: 'sum(max by (channel) (countermand_refunds_in_doubt)) or vector(0)', legend: 'refunds' }],
        },
        {
          title: 'Intake paused',
          kind: 'stat',
          queries: [{ expr: 'max(countermand_intake_paused)', legend: 'paused' }],
        },
        {
          title: 'Processes ready',
          kind: 'stat',
          queries: [{ expr: 'sum(countermand_ready)', legend: 'ready' }],
        },
      ],
    },
    {
      title: 'Sagas',
      panels: [
        {
          title: 'Cancel events',
          unit: 'reqps',
          queries: [
            { expr: perSecond('countermand_cancel_events_total', 'type, result'), legend: '{{type}} {{result}}' },
          ],
        },
        {
          title: 'Ends by outcome',
          unit: 'reqps',
          queries: [
            { expr: perSecond('countermand_sagas_ended_total', 'outcome'), legend: '{{outcome}}' },
            { expr: 'sum(rate(countermand_sagas_started_total[$__rate_interval]))', legend: 'started' },
          ],
        },
        {
          title: 'Open by stage',
          queries: [{ expr: 'max by (stage) (countermand_sagas_open)', legend: '{{stage}}' }],
        },
        {
          title: 'Waiting for a person, by reason',
          queries: [{ expr: 'max by (reason) (countermand_sagas_attention)', legend: '{{reason}}' }],
        },
      ],
    },
    {
      title: 'How long it takes',
      panels: [
        {
          title: 'Steps, from sent to answered (95 %)',
          unit: 's',
          queries: [{ expr: quantile(0.95, 'countermand_step_seconds', 'command'), legend: '{{command}}' }],
        },
        {
          title: 'Stages (median)',
          unit: 's',
          queries: [{ expr: quantile(0.5, 'countermand_stage_seconds', 'stage'), legend: '{{stage}}' }],
        },
        {
          title: 'Whole sagas (median and 95 %)',
          unit: 's',
          queries: [
            { expr: quantile(0.5, 'countermand_saga_seconds', 'outcome'), legend: '{{outcome}} 50 %' },
            { expr: quantile(0.95, 'countermand_saga_seconds', 'outcome'), legend: '{{outcome}} 95 %' },
          ],
        },
        {
          title: 'Fast lane',
          description: 'answered: within one workflow task. Everything else is asked again in the slow lane.',
          unit: 'reqps',
          queries: [{ expr: perSecond('countermand_fast_steps_total', 'result'), legend: '{{result}}' }],
        },
      ],
    },
    {
      title: 'Money and lost sagas',
      panels: [
        {
          title: 'Refunds pending, by channel and age',
          queries: [
            {
              expr: 'sum by (channel, age) (max by (channel, age) (countermand_refunds_pending))',
              legend: '{{channel}} {{age}}',
            },
          ],
        },
        {
          title: 'Oldest pending refund',
          unit: 's',
          queries: [{ expr: 'max by (channel) (countermand_refunds_pending_age_seconds)', legend: '{{channel}}' }],
        },
        {
          title: 'Orders on hold',
          queries: [{ expr: 'max(countermand_orders_on_hold)', legend: 'on hold' }],
        },
        {
          title: 'What the sweep found',
          unit: 'reqps',
          queries: [
            { expr: perSecond('countermand_swept_holds_total', 'finding'), legend: '{{finding}}' },
            { expr: 'sum(rate(countermand_sweeps_total[$__rate_interval]))', legend: 'sweeps' },
          ],
        },
      ],
    },
  ],
}
