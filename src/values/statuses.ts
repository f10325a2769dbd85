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

/** Why a notification waits, why it is in the app alone, and why one that waited is not told. */
export const deferReasons = ['quiet_hours', 'snoozed'] as const;
export const capReasons = ['daily_cap', 'ceiling'] as const;
export const inAppReasons = ['muted', 'on_pace', 'no_channel'] as const;
/** `reached_again` occurs for a recovery alone, `no_longer_holds` for anomalies. */
export const cancelReasons = [
  'no_longer_reached',
  'already_read',
  'overtaken',
  'reached_again',
  'rule_disabled',
  'no_longer_holds',
] as const;

/** Why a delivery on a channel would not be tried. */
export const skipReasons = [
  'opted_out',
  'not_confirmed',
  'no_address',
  'bounced',
  'not_configured',
  'ceiling',
] as const;

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
