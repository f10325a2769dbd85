/** What waited is told only if it still holds, with the figures of now. */
import { describe, expect, test } from 'vitest';
import { groceries } from '../../support/worlds/alert-facts.ts';
import { type Rechecked, recheck, type Subject } from '../../../src/notify/decide/recheck.ts';
import type { NotificationContent } from '../../../src/notify/decide/content.ts';
import type { Severity } from '../../../src/values/severity.ts';

type Open = Subject['openLevels'][number];

const open = (level: number, severity: Severity = 'warning', isTold = true): Open => ({
  level,
  severity,
  isOwn: true,
  isTold,
});
const alert = { ...groceries, level: 95, severity: 'warning' } as const;
const recovery = { ...alert, type: 'recovery', severity: 'info' } as const;
const figures = { ruleName: 'Food', spentMinor: '39000', budgetMinor: '40000', currency: 'USD' };
const standing = (openLevels: Open[], others: Partial<Subject> = {}): Subject => ({
  isRuleActive: true,
  isRead: false,
  openLevels,
  forecast: null,
  figures,
  ...others,
});
const reasonOf = (content: NotificationContent, subject: Subject, isRead = false) =>
  recheck(content, { isRead, subjects: [subject] }).reason;

describe('a forecast of 100 %', () => {
  const forecast = {
    ...alert,
    type: 'forecast',
    level: 100,
    forecast: { lowMinor: '41000', highMinor: '52000' },
  } as const;
  const ahead = { spentMinor: 20_000n, remainingMinor: [10_000n, 25_000n, 40_000n], billsMinor: 0n };

  test.each<[string, Subject, Rechecked['reason']]>([
    ['still open', standing([], { forecast: ahead }), null],
    [
      'still open beside a level of actual spending that was told',
      standing([open(95)], { forecast: ahead }),
      null,
    ],
    ['not open any more', standing([]), 'no_longer_reached'],
    [
      'that actual spending has reached',
      standing([open(100)], { forecast: ahead, figures: { ...figures, spentMinor: '40000' } }),
      'overtaken',
    ],
  ])('%s ends with %#', (_name, subject, reason) => {
    expect(reasonOf(forecast, subject)).toBe(reason);
  });

  test('is told with the range of now', () => {
    const subject = standing([], { forecast: ahead });
    const { content } = recheck(forecast, { isRead: false, subjects: [subject] }) as {
      content: typeof alert;
    };
    expect(content).toMatchObject({
      spentMinor: '39000',
      forecast: { lowMinor: '39000', highMinor: '60000' },
    });
  });
});

describe('an alert of a warning at 95 %', () => {
  test.each<[string, Subject, Rechecked['reason']]>([
    ['with only its level open', standing([open(95)]), null],
    ['with a lower level open too', standing([open(80, 'info'), open(95)]), null],
    ['with a lower level of the same severity open too', standing([open(80), open(95)]), null],
    ['with nothing open', standing([]), 'no_longer_reached'],
    ['with another level open', standing([open(100)]), 'no_longer_reached'],
    [
      'whose level has fallen and is open again',
      standing([{ ...open(95), isOwn: false }]),
      'no_longer_reached',
    ],
    ['with a higher level of the same severity open', standing([open(95), open(100)]), 'overtaken'],
    ['with a more severe one open', standing([open(95), open(100, 'danger')]), 'overtaken'],
    ['with a lower, more severe one open', standing([open(90, 'critical'), open(95)]), 'overtaken'],
    ['with a higher, less severe one open', standing([open(95), open(100, 'info')]), null],
    [
      'with a more severe one open that nobody hears of',
      standing([open(95), open(100, 'danger', false)]),
      null,
    ],
    ['that was read by itself', standing([open(95)], { isRead: true }), 'already_read'],
    ['of a disabled rule', standing([open(95)], { isRuleActive: false }), 'rule_disabled'],
  ])('%s', (_name, subject, reason) => {
    expect(reasonOf(alert, subject)).toBe(reason);
  });

  test('that was read, and has fallen, counts as read', () => {
    expect(reasonOf(alert, standing([]), true)).toBe('already_read');
  });

  test('whose rule is gone is cancelled', () => {
    expect(recheck(alert, { isRead: false, subjects: [] })).toEqual({ reason: 'rule_disabled' });
  });

  test('gets the figures of now, or keeps its own where nothing is measured any more', () => {
    const subjects = [standing([open(95)])];
    expect(recheck(alert, { isRead: false, subjects })).toEqual({
      reason: null,
      content: { ...alert, ...figures },
    });
    const unmeasured = [standing([open(95)], { figures: null })];
    expect(recheck(alert, { isRead: false, subjects: unmeasured })).toEqual({ reason: null, content: alert });
  });
});

test.each<[string, Subject, Rechecked['reason']]>([
  ['whose level stays below', standing([open(80, 'info')]), null],
  ['with a more severe level open', standing([open(150, 'critical')]), null],
  ['whose level is open again', standing([{ ...open(95), isOwn: false }]), 'reached_again'],
  ['of a disabled rule', standing([], { isRuleActive: false }), 'rule_disabled'],
])('a recovery %s', (_name, subject, reason) => {
  expect(reasonOf(recovery, subject)).toBe(reason);
});

describe('several alerts', () => {
  const both: NotificationContent = { type: 'roll_up', alerts: [alert, { ...alert, level: 80 }] };
  const fallen = standing([]);

  test('are told without those that do not hold', () => {
    const rechecked = recheck(both, { isRead: false, subjects: [fallen, standing([open(80)])] });
    expect(rechecked).toEqual({
      reason: null,
      content: { type: 'roll_up', alerts: [{ ...alert, level: 80, ...figures }] },
    });
  });

  test('of which none holds are cancelled with the reason of the first', () => {
    const subjects = [fallen, standing([open(80)], { isRead: true })];
    expect(recheck(both, { isRead: false, subjects })).toEqual({ reason: 'no_longer_reached' });
  });

  test('of which none holds leave a digest its figures', () => {
    const digest = { type: 'daily_summary', day: '2026-11-20', alerts: [alert], figures: {} } as never;
    expect(recheck(digest, { isRead: false, subjects: [fallen] })).toMatchObject({
      reason: null,
      content: { alerts: [], figures: {} },
    });
  });
});

test('a notice of a bounced address holds until it is read', () => {
  const notice = { type: 'address_bounced', channel: 'email', address: 'a…@example.com' } as const;
  expect(recheck(notice, { isRead: false, subjects: [] })).toEqual({ reason: null, content: notice });
  expect(recheck(notice, { isRead: true, subjects: [] })).toEqual({ reason: 'already_read' });
});
