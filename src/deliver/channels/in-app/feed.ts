/**
 * Emits in-app messages to listeners in this process as they are delivered. It is live and of this process alone:
 * live streams take it as a hint to read at once, and `notification_history` is the record.
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
    // Every open stream may listen, so the number has no limit.
    this.setMaxListeners(0);
  }
}
