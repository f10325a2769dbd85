/** Notifications in the API's format. */
import { type Static, Type } from 'typebox';
import type { DeliverySummary, ListedNotification } from '../../notify/sql/read-notification.ts';
import { whyTextOf } from '../../notify/messages/why.ts';
import { instant } from './text.ts';
import { deliveryStatuses, notificationStatuses, notificationTypes } from '../../values/statuses.ts';
import { severities } from '../../values/severity.ts';
import { channels } from '../../values/channels.ts';

const uuid = (description: string) => Type.String({ format: 'uuid', description });

const reasons = `the reason for the status, if it needs one:

- \`quiet_hours\`, \`snoozed\` (\`deferred\`): released and rechecked at \`until\`, when they end or it ends
- \`grouped\` (\`pending\`): in the app already; email, SMS and push wait until \`until\` for other alerts, to be one message
- \`daily_cap\` (\`capped\`): included in the digest at \`until\`
- \`ceiling\` (\`capped\`): the same, as the person was interrupted 30 times that day, or no channel below its ceiling is left
- \`quiet_hours\`, \`snoozed\`, \`daily_cap\`, \`ceiling\` (\`merged\`): why it waited; it is part of \`mergedInto\`
- \`grouped\` (\`merged\`): it came together with others, and \`mergedInto\` tells them all by email, SMS or push
- \`no_longer_reached\`, \`reached_again\`, \`overtaken\`, \`already_read\` (\`cancelled\`): its state
  when its time came; \`overtaken\`: a level at least as severe of the same budget is reached and told
- \`rule_disabled\` (\`cancelled\`): the rule was switched off while it waited
- \`no_longer_holds\` (\`cancelled\`): the anomaly was refunded, corrected or judged while it waited
- \`no_channel\` (\`sent\`): in the app alone, because no other channel reaches the person
- \`on_pace\` (\`sent\`): in the app alone, because the budget will probably hold
- \`muted\` (\`sent\`): in the app alone, because the rule’s notifications were off
- \`delivery_failed\` (\`failed\`): other channels were tried and none accepted it`;

const failureReasons = `why it failed or was skipped:

- \`not_configured\`: the service has no settings for this channel, so nothing was tried
- \`opted_out\`, \`no_address\`, \`bounced\`: the person switched the channel off, has no address for it, or none that works
- \`not_confirmed\`: the person has not confirmed the address yet
- \`ceiling\`: the person has had ten SMS that day, or the tenant its mails or SMS of the month
- \`muted\`, \`rule_disabled\`: it was not allowed to interrupt, or not any more
- \`no_longer_reached\`, \`no_longer_holds\`, \`reached_again\`, \`overtaken\`, \`already_read\`: it waited for a retry, and does not hold any more
- \`quiet_hours\`, \`snoozed\` (\`pending\`): they began while it waited, and it is sent when they end
- \`crashed\` (\`unknown\`): a process ended while it was sending, so it may or may not have gone out`;

export const deliverySchema = Type.Object({
  channel: Type.Enum(channels),
  status: Type.Enum(deliveryStatuses),
  attempts: Type.Integer(),
  failureReason: Type.Optional(Type.String({ description: failureReasons, examples: ['not_configured'] })),
  sentAt: Type.Optional(instant('when the channel accepted it')),
});

export const notificationSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  type: Type.Enum(notificationTypes, {
    description:
      '`roll_up`: several alerts in one message; without an in-app delivery if each of them is in the app by itself',
  }),
  severity: Type.Enum(severities),
  title: Type.String({ examples: ['Groceries: 103 % of the monthly budget'] }),
  message: Type.String({ examples: ['Groceries: 412.30 of 400.00 USD, nine days to go.'] }),
  ruleId: Type.Optional(uuid('the rule it is about')),
  level: Type.Optional(Type.Integer({ description: 'the threshold’s percent' })),
  status: Type.Enum(notificationStatuses, {
    description:
      '`sent`: sent on every channel that applies, perhaps in the app alone; `deliveries` has each',
  }),
  reason: Type.Optional(Type.String({ description: reasons, examples: ['no_channel'] })),
  until: Type.Optional(
    instant('`deferred`, `capped`: when it is due again; `pending`: until when it waits for others'),
  ),
  silent: Type.Boolean({ description: 'the app shows it without a sound, because it must not interrupt' }),
  mergedInto: Type.Optional(uuid('`merged`: the notification that includes it')),
  why: Type.String({
    description: 'why it came, and when or why not, in the person’s language',
    examples: ['On November 10, 2026 at 1:00 PM spending reached 100% of this budget.'],
  }),
  createdAt: instant('when it was decided'),
  sentAt: Type.Optional(instant('when its last delivery ended')),
  readAt: Type.Optional(instant('when it was first read')),
  deliveries: Type.Array(deliverySchema),
});

export const notificationParams = Type.Object({ notificationId: Type.String({ format: 'uuid' }) });

export const notificationView = (listed: ListedNotification): Static<typeof notificationSchema> => ({
  id: listed.id,
  type: listed.type,
  severity: listed.severity,
  title: listed.title,
  message: listed.message,
  ...(listed.ruleId === null ? {} : { ruleId: listed.ruleId }),
  ...(listed.level === null ? {} : { level: listed.level }),
  status: listed.status,
  ...(listed.reason === null ? {} : { reason: listed.reason }),
  ...instants({ until: listed.until }),
  silent: listed.isSilent,
  ...(listed.mergedInto === null ? {} : { mergedInto: listed.mergedInto }),
  why: whyTextOf(listed),
  createdAt: listed.createdAt.toString(),
  ...instants({ sentAt: listed.sentAt, readAt: listed.readAt }),
  deliveries: listed.deliveries.map(deliveryView),
});

const deliveryView = (delivery: DeliverySummary): Static<typeof deliverySchema> => ({
  channel: delivery.channel,
  status: delivery.status,
  attempts: delivery.attempts,
  ...(delivery.failureReason === null ? {} : { failureReason: delivery.failureReason }),
  ...instants({ sentAt: delivery.sentAt }),
});

/** Formats instants as text and leaves out those that are null. */
const instants = <Key extends string>(
  values: Record<Key, Temporal.Instant | null>,
): Partial<Record<Key, string>> => {
  const present: Partial<Record<Key, string>> = {};
  for (const key in values) if (values[key] !== null) present[key] = values[key].toString();
  return present;
};
