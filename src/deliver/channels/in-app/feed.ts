/**
 * Emits in-app messages to listeners in this process as they are delivered. It is live and of this process alone;
 * `notification_history` is the record.
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

export class Feed extends EventEmitter<{ message: [FeedMessage] }> {}
