/**
 * Tells this process's listeners of in-app messages as they are delivered. Live only: who was not listening
 * reads `notification_history`.
 */
import { EventEmitter } from 'node:events';
import type { NotificationType } from '../domain/notification.ts';
import type { Severity } from '../domain/rule.ts';

export type FeedMessage = {
  tenantId: string;
  userId: string;
  notificationId: string;
  type: NotificationType;
  severity: Severity;
  title: string;
  text: string;
  level: number | null;
};

export class Feed extends EventEmitter<{ message: [FeedMessage] }> {
  constructor() {
    super();
    // One listener for each person who watches: any number is right.
    this.setMaxListeners(0);
  }
}
