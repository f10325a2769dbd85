/** Notifications as their person sees them. */
import { type Static, Type } from 'typebox';
import type { DeliverySummary, ListedNotification } from '../../notify/sql/read-notification.ts';
import { instant } from './text.ts';
import { deliveryStatuses, notificationStatuses, notificationTypes } from '../../values/statuses.ts';
import { severities } from '../../values/severity.ts';
import { channels } from '../../values/channels.ts';

const uuid = (description: string) => Type.String({ format: 'uuid', description });

const reasons = `why the status is what it is, where that is not plain:

- \`quiet_hours\` (\`deferred\`): looked at again when they are over, at \`until\`
- \`daily_cap\` (\`capped\`): told in the digest, at \`until\`
- \`quiet_hours\`, \`daily_cap\` (\`merged\`): why it waited to be told with others, in \`mergedInto\`
- \`no_longer_reached\`, \`reached_again\`, \`overtaken\`, \`already_read\` (\`cancelled\`): what had become of it when
  its time came; \`overtaken\`: a higher level of the same budget is reached
- \`rule_disabled\` (\`cancelled\`): the rule was switched off while it waited
- \`no_channel\` (\`sent\`): told in the app alone, as there is no other channel the person can be reached on
- \`muted\`, \`snoozed\` (\`sent\`): told in the app alone, as the rule’s notifications were off, or quiet was wanted
- \`delivery_failed\` (\`failed\`): another channel was tried, and none of them took it`;

const failureReasons = `also why it was skipped:

- \`not_configured\`: the service has no settings for this channel, so nothing was tried
- \`opted_out\`, \`no_address\`, \`bounced\`: the person does not want it, has no address for it, or none that works
- \`muted\`, \`snoozed\`, \`rule_disabled\`: nothing was to interrupt, or not any more
- \`quiet_hours\` (\`pending\`): it waited until they had begun, and is sent when they are over
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
  until: Type.Optional(instant('`deferred`, `capped`: until then')),
  silent: Type.Boolean({ description: 'the app is to show it without a sound: it was not to interrupt' }),
  mergedInto: Type.Optional(uuid('`merged`: the notification that told it')),
  createdAt: instant('when it was decided to tell'),
  sentAt: Type.Optional(instant('when its last delivery ended')),
  readAt: Type.Optional(instant('when it was first read')),
  deliveries: Type.Array(deliverySchema),
});

export const notificationParams = Type.Object({ notificationId: Type.String({ format: 'uuid' }) });

export const notificationView = (told: ListedNotification): Static<typeof notificationSchema> => ({
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
  silent: told.isSilent,
  ...(told.mergedInto === null ? {} : { mergedInto: told.mergedInto }),
  createdAt: told.createdAt.toString(),
  ...instants({ sentAt: told.sentAt, readAt: told.readAt }),
  deliveries: told.deliveries.map(deliveryView),
});

const deliveryView = (told: DeliverySummary): Static<typeof deliverySchema> => ({
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
