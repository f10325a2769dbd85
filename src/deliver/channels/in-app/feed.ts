/**
 * Tells this process's listeners of in-app messages as they are delivered. Live only, and of this process
 * only: to live streams it is a hint to look at once, and who was not listening reads `notification_history`.
 */
import { EventEmitter } from 'node:events';
import type { WaitingNotification } from '../../decide/delivery.ts';
import type { NotificationType } from '../../../values/statuses.ts';
import type { Severity } from '../../../values/severity.ts';

export type FeedMessage = {
  tenantId: string;
  userId: string;
  notificationId: string;
  type: NotificationType;
  severity: Severity;
  title: string;
  text: string;
  level: number | null;
  held: WaitingNotification | null;
};

export class Feed extends EventEmitter<{ message: [FeedMessage] }> {
  constructor() {
    super();
    // Whoever watches listens: any number is right.
    this.setMaxListeners(0);
  }
}
