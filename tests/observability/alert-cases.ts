/** Series in promtool's notation (`'0+1x30'`: 0, 1, … 30), one value a minute. */
export type Series = Readonly<Record<string, string>>

/** What an alert is about, and what is just short of it. */
export interface AlertCase {
  readonly alert: string
  /** It fires at minute `at` (default 30). */
  readonly fires: Series
  /** It does not. */
  readonly quiet: Series
  readonly at?: number
}

const jobs = ['order', 'inventory', 'logistics', 'payment', 'gateway', 'console', 'orchestrator', 'operations']

/** A system that is well: every case begins with it, and replaces what it names. */
export const wellSystem: Series = {
  ...Object.fromEntries(jobs.map((job) => [`up{job="${job}"}`, '1x60'])),
  'countermand_sweeps_total{job="orchestrator"}': '0+1x60',
}

const lag =
  'countermand_consumer_lag{job="payment",group="countermand-payment",topic="payment.commands.v1",partition="0"}'
const otherLag = lag.replace('partition="0"', 'partition="1"')
const stalled =
  'countermand_consumer_stalled_seconds{job="payment",group="countermand-payment",topic="payment.commands.v1"}'
const letters = 'countermand_dead_letters_total{job="order",topic="orders.placed.v1",reason="invalid-data"}'
const swept = (finding: string) => `countermand_swept_holds_total{job="orchestrator",finding="${finding}"}`
const ended = (outcome: string) => `countermand_sagas_ended_total{job="orchestrator",outcome="${outcome}"}`
const unanswered = (command: string) => `countermand_steps_unanswered_age_seconds{job="inventory",command="${command}"}`
const step = (command: string, le: string) =>
  `countermand_step_seconds_bucket{job="orchestrator",command="${command}",le="${le}"}`
const slowSteps = (command: string): Series => ({
  [step(command, '5')]: '0+1x60',
  [step(command, '30')]: '0+100x60',
  [step(command, '+Inf')]: '0+100x60',
})
const request = 'temporal_request_total{job="orchestrator",operation="RespondWorkflowTaskCompleted"}'
const failure = (status: string) =>
  `temporal_request_failure_total{job="orchestrator",operation="RespondWorkflowTaskCompleted",status_code="${status}"}`
const poll = 'temporal_long_request_total{job="orchestrator",operation="PollWorkflowTaskQueue"}'
const failedPoll =
  'temporal_long_request_failure_total{job="orchestrator",operation="PollWorkflowTaskQueue",status_code="UNAVAILABLE"}'
const late = (le: string) =>
  `temporal_workflow_task_schedule_to_start_latency_seconds_bucket{job="orchestrator",le="${le}"}`
const refundAge = 'countermand_refunds_pending_age_seconds{job="payment",channel="sandbox-card"}'
const intake = 'countermand_intake_paused{job="orchestrator"}'
const loop = 'nodejs_eventloop_lag_p99_seconds{job="order"}'
const outbox = 'countermand_outbox_age_seconds{job="order"}'
const overdue = 'countermand_tasks_overdue_seconds{job="payment"}'
const reduced = 'countermand_reduced_letters_total{job="order",left="no-headers"}'
const posts = (result: string) =>
  `countermand_notifications_total{job="gateway",account="stripe-eu",result="${result}"}`
const differing = 'countermand_differences_age_seconds{job="payment"}'
const untold = 'countermand_notifications_waiting_age_seconds{job="gateway"}'
const apiCalls = (status: string) =>
  `countermand_api_calls_total{job="console",endpoint="GET /v1/orders",status="${status}"}`
const untoldShop = 'countermand_webhooks_failing_seconds{job="console"}'
const provider = 'countermand_provider_away{job="payment",account="stripe-eu"}'
const tasksAside = 'countermand_tasks_set_aside{job="payment"}'
const attention = 'countermand_sagas_attention{job="orchestrator",reason="step-failed"}'
const restarts = 'countermand_consumer_restarts_total{job="order",group="countermand-order"}'
const failedTasks = 'temporal_workflow_task_execution_failed_total{job="orchestrator"}'

export const alertCases: readonly AlertCase[] = [
  { alert: 'ProcessDown', fires: { 'up{job="payment"}': '1x20 0x40' }, quiet: { 'up{job="payment"}': '0x20 1x40' } },
  // Its containers are gone, and with them its target.
  { alert: 'ProcessDown', fires: { 'up{job="payment"}': '1x20 _x40' }, quiet: {} },
  {
    alert: 'ProcessNotReady',
    fires: { 'countermand_ready{job="order"}': '1x20 0x40' },
    quiet: { 'countermand_ready{job="order"}': '1x28 0x30' },
  },
  { alert: 'EventLoopSlow', fires: { [loop]: '2x60' }, quiet: { [loop]: '0.5x60' } },
  { alert: 'ConsumerStalled', fires: { [stalled]: '0x20 60+60x40' }, quiet: { [stalled]: '50x60' } },
  { alert: 'ConsumerLagging', fires: { [lag]: '600x60', [otherLag]: '600x60' }, quiet: { [lag]: '600x60' } },
  { alert: 'ConsumerRestarting', fires: { [restarts]: '0x20 0+1x40' }, quiet: { [restarts]: '0x20 2x40' } },
  {
    alert: 'NotificationsRefused',
    fires: { [posts('signature')]: '0+1x60' },
    quiet: { [posts('taken')]: '0+9x60', [posts('duplicate')]: '0+9x60', [posts('signature')]: '2x60' },
  },
  {
    alert: 'ApiFailing',
    fires: { [apiCalls('503')]: '0+10x60', [apiCalls('200')]: '0+90x60' },
    quiet: { [apiCalls('503')]: '0+1x60', [apiCalls('200')]: '0+90x60', [apiCalls('404')]: '0+90x60' },
  },
  { alert: 'WebhooksFailing', fires: { [untoldShop]: '3000+60x60' }, quiet: { [untoldShop]: '3000x60' } },
  { alert: 'ProviderAway', fires: { [provider]: '0x20 1x40' }, quiet: { [provider]: '0x20 1x4 0x36' } },
  { alert: 'NotificationsWaiting', fires: { [untold]: '0x10 0+60x50' }, quiet: { [untold]: '300x60' } },
  { alert: 'BooksDiffer', fires: { [differing]: '3000+60x60' }, quiet: { [differing]: '3000x60' } },
  { alert: 'OutboxStuck', fires: { [outbox]: '0x20 0+60x40' }, quiet: { [outbox]: '30x60' } },
  { alert: 'DeadLettersArriving', fires: { [letters]: '0x25 1x35' }, quiet: { [letters]: '0x5 1x55' } },
  { alert: 'TasksOverdue', fires: { [overdue]: '0x20 0+60x40' }, quiet: { [overdue]: '10x60' } },
  { alert: 'DeadLettersReduced', fires: { [reduced]: '0x25 1x35' }, quiet: { [reduced]: '0x5 1x55' } },
  { alert: 'TasksSetAside', fires: { [tasksAside]: '0x20 1x40' }, quiet: { [tasksAside]: '1x20 0x40' } },
  { alert: 'SagaNeedsAttention', fires: { [attention]: '0x20 1x40' }, quiet: { [attention]: '1x20 0x40' } },
  {
    alert: 'WorkflowTasksFailing',
    fires: { [swept('failing')]: '0x27 1x33' },
    quiet: { [swept('failing')]: '0x10 1x50' },
  },
  { alert: 'WorkflowTasksFailing', fires: { [failedTasks]: '0x20 0+2x40' }, quiet: { [failedTasks]: '0x27 1x33' } },
  { alert: 'LostSagasRestarted', fires: { [swept('lost')]: '0x25 2x35' }, quiet: { [swept('open')]: '0+5x60' } },
  {
    alert: 'SweepNotRunning',
    fires: { 'countermand_sweeps_total{job="orchestrator"}': '0+1x5 5x55' },
    quiet: { 'countermand_sweeps_total{job="orchestrator"}': '0+1x15 15x45' },
  },
  {
    alert: 'SweepNotRunning',
    fires: { 'countermand_sweeps_total{job="orchestrator"}': '_x60' },
    quiet: {},
  },
  {
    alert: 'StepUnanswered',
    fires: { [unanswered('SetStockAside')]: '0x20 0+60x40' },
    quiet: { [unanswered('StopShipment')]: '0x20 0+60x40' },
  },
  { alert: 'StepsSlow', fires: slowSteps('SetStockAside'), quiet: slowSteps('RefundOrder') },
  {
    alert: 'ManySagasCompensated',
    fires: { [ended('cancelled')]: '0+2x60', [ended('compensated')]: '0+1x60' },
    quiet: { [ended('cancelled')]: '0+9x60', [ended('compensated')]: '0+1x60' },
  },
  { alert: 'RefundsPendingLong', fires: { [refundAge]: '604000+60x60' }, quiet: { [refundAge]: '86400+60x60' } },
  { alert: 'IntakePaused', fires: { [intake]: '1x90' }, quiet: { [intake]: '0x45 1x60' }, at: 65 },
  {
    alert: 'TemporalRequestsFailing',
    fires: { [request]: '0+10x60', [failure('UNAVAILABLE')]: '0+1x60' },
    quiet: { [request]: '0+10x60', [failure('NOT_FOUND')]: '0+1x60' },
  },
  {
    alert: 'TemporalRequestsFailing',
    fires: { [poll]: '0+10x60', [failedPoll]: '0+5x60' },
    quiet: { [poll]: '0+10x60' },
  },
  {
    alert: 'WorkflowTasksLate',
    fires: { [late('1')]: '0+1x60', [late('5')]: '0+10x60', [late('+Inf')]: '0+10x60' },
    quiet: { [late('1')]: '0+10x60', [late('5')]: '0+10x60', [late('+Inf')]: '0+10x60' },
  },
]
