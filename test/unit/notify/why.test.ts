import { describe, expect, test } from 'vitest';
import type { ExplainedDelivery, ExplainedNotification } from '../../../src/notify/decide/notice.ts';
import { wayOf, whyTextOf } from '../../../src/notify/messages/why.ts';
import { channels } from '../../../src/values/channels.ts';
import {
  cancelReasons,
  capReasons,
  deferReasons,
  deliveryStatuses,
  inAppReasons,
  notificationStatuses,
  notificationTypes,
  skipReasons,
} from '../../../src/values/statuses.ts';

const at = Temporal.Instant.from('2026-11-10T21:00:00Z');
const morning = Temporal.Instant.from('2026-11-11T07:00:00Z');

const delivery: ExplainedDelivery = {
  channel: 'email',
  status: 'sent',
  failureReason: null,
  sentAt: morning,
};
const notification: ExplainedNotification = {
  type: 'budget_alert',
  title: 'Groceries: 100% of the monthly budget',
  level: 100,
  status: 'sent',
  reason: null,
  until: null,
  isSilent: false,
  createdAt: at,
  toldWith: [],
  deliveries: [delivery],
  locale: 'en',
  timeZone: 'Europe/Berlin',
};

const explain = (change: Partial<ExplainedNotification>) => whyTextOf({ ...notification, ...change });
const reached = 'On November 10, 2026 at 10:00 PM spending reached 100% of this budget.';
const made = 'It was made on November 10, 2026 at 10:00 PM.';

describe('a notification', () => {
  test.each<[string, Partial<ExplainedNotification>]>([
    [reached, {}],
    ['On November 10, 2026 at 10:00 PM spending fell below 100% of this budget.', { type: 'recovery' }],
    [
      'On November 10, 2026 at 10:00 PM it became likely that spending will reach 100% of this budget.',
      { type: 'forecast' },
    ],
    [
      'A charge out of the ordinary was found on November 10, 2026 at 10:00 PM.',
      { type: 'anomaly', level: null },
    ],
    [made, { type: 'recommendation', level: null }],
    [
      'Several messages were put into one on November 10, 2026 at 10:00 PM.',
      { type: 'roll_up', level: null },
    ],
    ['Your daily summary was due on November 10, 2026 at 10:00 PM.', { type: 'daily_summary', level: null }],
    [
      'Your weekly summary was due on November 10, 2026 at 10:00 PM.',
      { type: 'weekly_summary', level: null },
    ],
    [
      'A message to you came back on November 10, 2026 at 10:00 PM.',
      { type: 'address_bounced', level: null },
    ],
    [
      `${reached} It waits until November 11, 2026 at 8:00 AM, when your quiet hours end.`,
      { status: 'deferred', reason: 'quiet_hours', until: morning },
    ],
    [
      `${reached} It waits until November 11, 2026 at 8:00 AM, when the pause that you set ends.`,
      { status: 'deferred', reason: 'snoozed', until: morning },
    ],
    [
      `${reached} It waits until November 11, 2026 at 8:00 AM for others, so that they are one message.`,
      { status: 'pending', reason: 'grouped', until: morning },
    ],
    [
      `${reached} You had got as many messages as you want in a day, so it waits for your next summary, on November 11, 2026 at 8:00 AM.`,
      { status: 'capped', reason: 'daily_cap', until: morning },
    ],
    [
      `${reached} So many messages had gone out that it waits for your next summary, on November 11, 2026 at 8:00 AM.`,
      { status: 'capped', reason: 'ceiling', until: morning },
    ],
    [
      `${reached} It waited from then until November 11, 2026 at 8:00 AM, so as not to disturb you.`,
      { isSilent: true },
    ],
    [`${reached} It is in the app alone, because the budget will probably hold.`, { reason: 'on_pace' }],
    [`${reached} It is in the app alone, because this budget is muted.`, { reason: 'muted' }],
    [
      `${reached} It is in the app alone, because no other way to reach you was open.`,
      { reason: 'no_channel' },
    ],
    [
      `${reached} It came together with others, so they were told in one message.`,
      { status: 'merged', reason: 'grouped' },
    ],
    [
      `${reached} It came in your quiet hours, so it was told later, in one message with others. Told with it: Dining, Travel.`,
      { status: 'merged', reason: 'quiet_hours', toldWith: ['Dining', 'Travel'] },
    ],
    [
      `${reached} It came together with others, so they were told in one message. Told with it: A, B, C and 2 more.`,
      { status: 'merged', reason: 'grouped', toldWith: ['A', 'B', 'C', 'D', 'E'] },
    ],
    [
      `${reached} It could not be delivered outside the app.`,
      { status: 'failed', reason: 'delivery_failed' },
    ],
  ])('says "%s"', (text, change) => {
    expect(explain(change)).toBe(text);
  });

  test('has times in the locale and the zone of its person', () => {
    expect(explain({ locale: 'en-GB', timeZone: 'Asia/Tokyo' })).toBe(
      'On 11 November 2026 at 06:00 spending reached 100% of this budget.',
    );
  });

  test.each(notificationTypes)('of the type %s begins with a whole sentence', (type) => {
    for (const level of [null, 100]) expect(explain({ type, level })).toMatch(/^[A-Z].* 10:00 PM.*\.$/su);
  });
});

/** Every pair of status and reason that is written. A wait has a time. */
const written: [ExplainedNotification['status'], readonly (string | null)[], Temporal.Instant | null][] = [
  ['pending', ['grouped'], morning],
  ['deferred', deferReasons, morning],
  ['capped', capReasons, morning],
  ['sent', [...inAppReasons, 'snoozed'], null],
  ['merged', [...deferReasons, ...capReasons, 'grouped'], null],
  ['cancelled', cancelReasons, null],
  ['failed', ['delivery_failed'], null],
];

describe('every reason of a notification', () => {
  test('is covered for every status', () => {
    expect(written.map(([status]) => status).toSorted()).toEqual(notificationStatuses.toSorted());
  });

  test.each(
    written.flatMap(([status, reasons, until]) => reasons.map((reason) => ({ status, reason, until }))),
  )('has a sentence of its own where it is $status: $reason', ({ status, reason, until }) => {
    const text = explain({ status, reason, until });
    // Everything that failed says the same.
    const other = status === 'failed' ? 'sent' : status;
    expect(text).not.toBe(explain({ status: other, reason: 'unknown', until }));
    expect(text).not.toBe(explain({}));
  });
});

const notSent = (change: Partial<ExplainedDelivery>) =>
  wayOf({ ...delivery, sentAt: null, ...change }, notification);

describe('a delivery', () => {
  test.each<[string, Partial<ExplainedDelivery>]>([
    ['Email: sent on November 11, 2026 at 8:00 AM', {}],
    ['Email: arrived, sent on November 11, 2026 at 8:00 AM', { status: 'delivered' }],
    ['Text message: sent on November 11, 2026 at 8:00 AM, came back', { channel: 'sms', status: 'bounced' }],
    ['Push notification: on its way', { channel: 'push', status: 'pending', sentAt: null }],
    [
      'Email: waits until your quiet hours end',
      { status: 'pending', failureReason: 'quiet_hours', sentAt: null },
    ],
    [
      'Email: it is not known whether it arrived',
      { status: 'unknown', failureReason: 'crashed', sentAt: null },
    ],
    ['Email: could not be sent', { status: 'failed', failureReason: 'smtp_550', sentAt: null }],
    [
      'Email: not used, because no address is known',
      { status: 'skipped', failureReason: 'no_address', sentAt: null },
    ],
  ])('says "%s"', (text, change) => {
    expect(wayOf({ ...delivery, ...change }, notification)).toBe(text);
  });

  const skipped = [...skipReasons, ...cancelReasons, 'muted', 'on_pace', 'snoozed'];

  test.each(skipped)('that is skipped says why: %s', (failureReason) => {
    const text = notSent({ status: 'skipped', failureReason });
    expect(text).not.toBe(notSent({ status: 'skipped', failureReason: 'unknown' }));
    expect(skipped.map((each) => notSent({ status: 'skipped', failureReason: each }))).toContain(text);
  });

  test.each(deferReasons)('that waits says why: %s', (failureReason) => {
    expect(notSent({ status: 'pending', failureReason })).not.toBe(notSent({ status: 'pending' }));
  });

  test.each(deliveryStatuses)('has words for the status %s on every channel', (status) => {
    const texts = channels.map((channel) => notSent({ channel, status }));
    expect(new Set(texts).size).toBe(channels.length);
    for (const text of texts) expect(text).toMatch(/^[A-Z][\w ]+: \w/u);
  });
});
