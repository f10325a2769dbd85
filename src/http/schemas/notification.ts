/** Notifications as their person sees them. */
import { type Static, Type } from 'typebox';
import { deliveryStatuses, notificationStatuses, notificationTypes } from '../../domain/notification.ts';
import { channels, severities } from '../../domain/rule.ts';
import type { ToldDelivery, ToldNotification } from '../../db/queries/read-notification.ts';
import { instant } from './text.ts';

const uuid = (description: string) => Type.String({ format: 'uuid', description });

const reasons = `why the status is what it is, where that is not plain:

- \`no_channel\` (\`sent\`): told in the app alone, as the rule has no other channel that is configured
- \`muted\` (\`sent\`): told in the app alone, as the rule’s notifications were off
- \`delivery_failed\` (\`failed\`): another channel was tried, and none of them took it`;

const failureReasons = `also why it was skipped:

- \`not_configured\`: the service has no settings for this channel, so nothing was tried
- \`muted\`: the rule’s notifications were off
- \`crashed\` (\`unknown\`): a process ended while it was sending, and nobody can tell whether it went out`;

const deliverySchema = Type.Object({
  channel: Type.Enum(channels),
  status: Type.Enum(deliveryStatuses),
  attempts: Type.Integer(),
  failureReason: Type.Optional(Type.String({ description: failureReasons, examples: ['not_configured'] })),
  sentAt: Type.Optional(instant('when the channel took it')),
});

export const notificationSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  type: Type.Enum(notificationTypes),
  severity: Type.Enum(severities),
  title: Type.String({ examples: ['Groceries: 103 % of the monthly budget'] }),
  message: Type.String({ examples: ['Groceries: 412.30 of 400.00 USD, nine days to go.'] }),
  ruleId: Type.Optional(uuid('the rule it is about')),
  level: Type.Optional(Type.Integer({ description: 'the threshold’s percent' })),
  status: Type.Enum(notificationStatuses, {
    description: '`sent`: told on every channel there is for it, if in the app alone; `deliveries` has each',
  }),
  reason: Type.Optional(Type.String({ description: reasons, examples: ['no_channel'] })),
  until: Type.Optional(instant('`deferred`: until then')),
  mergedInto: Type.Optional(uuid('`merged`: the notification that told it')),
  createdAt: instant('when it was decided to tell'),
  sentAt: Type.Optional(instant('when its last delivery ended')),
  readAt: Type.Optional(instant('when it was first read')),
  deliveries: Type.Array(deliverySchema),
});

export const notificationParams = Type.Object({ notificationId: Type.String({ format: 'uuid' }) });

export const notificationView = (told: ToldNotification): Static<typeof notificationSchema> => ({
  id: told.id,
  type: told.type,
  severity: told.severity,
  title: told.title,
  message: told.message,
  ...(told.ruleId === null ? {} : { ruleId: told.ruleId }),
  ...(told.level === null ? {} : { level: told.level }),
  status: told.status,
  ...(told.reason === null ? {} : { reason: told.reason }),
  ...instants({ until: told.until }),
  ...(told.mergedInto === null ? {} : { mergedInto: told.mergedInto }),
  createdAt: told.createdAt.toString(),
  ...instants({ sentAt: told.sentAt, readAt: told.readAt }),
  deliveries: told.deliveries.map(deliveryView),
});

const deliveryView = (told: ToldDelivery): Static<typeof deliverySchema> => ({
  channel: told.channel,
  status: told.status,
  attempts: told.attempts,
  ...(told.failureReason === null ? {} : { failureReason: told.failureReason }),
  ...instants({ sentAt: told.sentAt }),
});

/** As text, without those that are null. */
const instants = <Key extends string>(
  values: Record<Key, Temporal.Instant | null>,
): Partial<Record<Key, string>> => {
  const present: Partial<Record<Key, string>> = {};
  for (const key in values) if (values[key] !== null) present[key] = values[key].toString();
  return present;
};
