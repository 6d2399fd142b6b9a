import { proxyActivities } from '@temporalio/workflow'

/** A step that a later version adds. */
export const { tellWarehouse } = proxyActivities<{ tellWarehouse(orderId: string): Promise<void> }>({
  startToCloseTimeout: '10 seconds',
})
