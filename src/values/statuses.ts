/** The types and statuses of notifications and the statuses of deliveries, as named in the API and the tables. */
export const notificationTypes = [
  'budget_alert',
  'recovery',
  'forecast',
  'anomaly',
  'roll_up',
  'daily_summary',
  'weekly_summary',
  'recommendation',
  'address_bounced',
] as const;
export type NotificationType = (typeof notificationTypes)[number];

/** Types of notifications that wait for each other and become one message. */
export const groupedTypes: readonly NotificationType[] = ['budget_alert', 'forecast', 'anomaly'];

export const notificationStatuses = [
  'pending',
  'deferred',
  'capped',
  'sent',
  'failed',
  'merged',
  'cancelled',
] as const;
export type NotificationStatus = (typeof notificationStatuses)[number];

export const deliveryStatuses = [
  'pending',
  'sending',
  'sent',
  'delivered',
  'failed',
  'bounced',
  'unknown',
  'skipped',
] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];
