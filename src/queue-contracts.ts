/** All queues: the contract of each, in the order in which an expense passes them. */
import { expenseEvents } from './alerts/queue.ts';
import { addressConfirmations } from './deliver/confirmations/queue.ts';
import { deliveries } from './deliver/queue.ts';
import { recommendations } from './insight/queue.ts';
import { notifications } from './notify/queue.ts';
import { scheduledJobs, urgentJobs } from './runtime/queues/scheduled-jobs.ts';

export const contracts = {
  expenseEvents,
  notifications,
  deliveries,
  addressConfirmations,
  recommendations,
  scheduledJobs,
  urgentJobs,
};
