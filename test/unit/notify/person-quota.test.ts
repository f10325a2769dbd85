/** The lower of a rule's daily quota and the person's own holds, for one notification and for several together. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultDigest } from '../../../src/notify/decide/digest.ts';
import { decideInterruption, type InterruptionInput } from '../../../src/notify/decide/interruption.ts';
import {
  decideNotification,
  decideRelease,
  type DueNotification,
  type PendingNotification,
  type Recipient,
} from '../../../src/notify/decide/policy.ts';
import { defaultQuietHours } from '../../../src/notify/decide/quiet-hours.ts';
import { highestSeverity, severities, type Severity } from '../../../src/values/severity.ts';
import { modelDecision } from '../../support/reference/reference-interruption.ts';
import { groceries, recovery } from '../../support/worlds/alert-facts.ts';

const noon = Temporal.Instant.from('2026-11-10T12:00:00Z');
const digestAt = Temporal.Instant.from('2026-11-11T08:30:00Z');

const warning: InterruptionInput = {
  severity: 'warning',
  isMuted: false,
  snoozedUntil: null,
  criticalInterrupts: true,
  channels: [{ channel: 'email', skip: null }],
  quietHours: defaultQuietHours,
  timeZone: 'UTC',
  cap: { max: 3, today: 0 },
  personMax: null,
  digestAt,
  now: noon,
};

type Row = [name: string, rule: number, person: number | null, today: number, severity: Severity];

const sentRows: Row[] = [
  ['the rule’s number alone, one before its kept slot', 3, null, 1, 'warning'],
  ['the lower number of the person, before its kept slot', 3, 2, 0, 'warning'],
  ['the lower number of the rule, before its kept slot', 2, 3, 0, 'warning'],
  ['two equal numbers, before the kept slot', 3, 3, 1, 'warning'],
  ['danger in the kept slot of the person', 5, 2, 1, 'danger'],
  ['danger in the kept slot of the rule', 2, 5, 1, 'danger'],
  ['the only slot of the person, which is not kept', 3, 1, 0, 'info'],
  ['the only slot of the rule, which is not kept', 1, 3, 0, 'info'],
  ['critical beyond the person’s number', 3, 1, 7, 'critical'],
  ['the rule’s number under the highest of a person', 3, 1000, 1, 'warning'],
];

const cappedRows: Row[] = [
  ['the person’s kept slot', 3, 2, 1, 'warning'],
  ['the rule’s kept slot', 2, 3, 1, 'warning'],
  ['danger beyond the person’s number', 3, 2, 2, 'danger'],
  ['danger beyond the rule’s number', 2, 3, 2, 'danger'],
  ['beyond the only slot of the person', 3, 1, 1, 'danger'],
  ['beyond the only slot of the rule', 1, 3, 1, 'danger'],
  ['the rule’s kept slot under the highest of a person', 3, 1000, 2, 'warning'],
];

describe('one notification', () => {
  const inputOf = ([, max, personMax, today, severity]: Row): InterruptionInput => ({
    ...warning,
    severity,
    cap: { max, today },
    personMax,
  });

  test.each(sentRows)('is sent and counted: %s', (...row) => {
    const input = inputOf(row);
    expect(decideInterruption(input)).toMatchObject({ verdict: 'send', countsAgainstQuota: true });
    expect(modelDecision(input)).toBe('send, counted');
  });

  test.each(cappedRows)('is capped until the digest: %s', (...row) => {
    const input = inputOf(row);
    expect(decideInterruption(input)).toEqual({ verdict: 'cap', reason: 'daily_cap', until: digestAt });
    expect(modelDecision(input)).toBe('cap daily_cap 2026-11-11T08:30:00Z');
  });

  test('is capped if it is critical and may not interrupt beyond the quota', () => {
    const input = { ...inputOf(['', 3, 1, 1, 'critical']), criticalInterrupts: false };
    expect(decideInterruption(input)).toMatchObject({ verdict: 'cap', reason: 'daily_cap' });
  });

  test('meets the person’s number neither as a recovery nor as a digest', () => {
    for (const cap of [{ max: null, today: 9 }, null])
      expect(decideInterruption({ ...warning, cap, personMax: 1 })).toMatchObject({
        verdict: 'send',
        countsAgainstQuota: false,
      });
  });

  test('is decided by the number of its recipient', () => {
    const decide = (maxPerDay: number | null) =>
      decideNotification(alert('a1', 3, 'danger'), recipient(maxPerDay), 2, noon).verdict;
    expect([decide(null), decide(3), decide(2)]).toEqual(['send', 'send', 'cap']);
  });
});

const recipient = (maxPerDay: number | null): Recipient => ({
  tenantId: 't',
  tenantName: 'Example Cards',
  userId: 'u',
  locale: 'en',
  timeZone: 'UTC',
  snoozeUntil: null,
  criticalInterrupts: true,
  quietHours: defaultQuietHours,
  skip: { email: null, sms: null, push: null },
  digest: defaultDigest,
  maxPerDay,
  lastDigestDay: null,
  unsubscribeKey: 'k',
});

const alert = (id: string, maxPerDay: number, severity: Severity): PendingNotification => ({
  tenantId: 't',
  id,
  userId: 'u',
  type: 'budget_alert',
  severity,
  title: '',
  message: '',
  content: { ...groceries, severity },
  silenced: null,
  isDigest: false,
  isRenewed: false,
  rule: {
    isActive: true,
    isMuted: false,
    snoozeUntil: null,
    quietHours: null,
    maxPerDay,
    channels: ['in-app', 'email'],
  },
});

/** Its level is still open. */
const due = (item: PendingNotification): DueNotification => ({
  item,
  waited: {
    isRead: false,
    subjects: [
      {
        isRuleActive: true,
        isRead: false,
        openLevels: [{ level: 100, severity: item.severity, isOwn: true, isTold: false }],
        forecast: null,
        figures: null,
      },
    ],
  },
});

/** Formats each decision as one line: the notifications that share it, and the verdict. */
const release = (items: PendingNotification[], personMax: number | null, today: number): string[] =>
  decideRelease(items.map(due), recipient(personMax), today, noon).map(
    ({ items: together, verdict }) => `${together.map(({ id }) => id).join('+')} ${verdict.verdict}`,
  );

describe('several notifications released together', () => {
  const three = [alert('a1', 1, 'info'), alert('a2', 4, 'info'), alert('a3', 2, 'info')];
  const together = ['a1+a2+a3 send'];
  const apart = ['a1 cap', 'a2 cap', 'a3 cap'];

  test.each<[string, number | null, number, string[]]>([
    ['count once against the largest number of their rules', null, 2, together],
    ['are capped in the kept slot of the largest number', null, 3, apart],
    ['count against the person’s number, which is lower than the largest', 3, 1, together],
    ['are capped in the kept slot of the person', 3, 2, apart],
    ['go out in the only slot of the person', 1, 0, together],
    ['are capped beyond the only slot of the person', 1, 1, apart],
    ['count against the largest number under a higher one of the person', 9, 2, together],
    ['are capped in the kept slot of the largest under a higher one', 9, 3, apart],
  ])('%s', (_name, personMax, today, expected) => {
    expect(release(three, personMax, today)).toEqual(expected);
  });

  test('take the kept slot of the person with one of danger among them', () => {
    expect(release([...three, alert('a4', 1, 'danger')], 2, 1)).toEqual(['a1+a2+a3+a4 send']);
    expect(release([...three, alert('a4', 1, 'danger')], 2, 2)).toEqual([...apart, 'a4 cap']);
  });

  test('go out beyond the person’s number with a critical one among them', () => {
    expect(release([...three, alert('a4', 1, 'critical')], 1, 5)).toEqual(['a1+a2+a3+a4 send']);
  });

  test('leave a recovery that goes out alone', () => {
    const fell: PendingNotification = { ...alert('r1', 3, 'info'), type: 'recovery', content: recovery };
    expect(release([...three, fell], 1, 1)).toEqual([...apart, 'r1 send']);
  });

  test('agree with the reference model, whatever the numbers are', () => {
    const one = fc.record({ max: fc.integer({ min: 1, max: 5 }), severity: fc.constantFrom(...severities) });
    const numbers = fc.option(fc.integer({ min: 1, max: 5 }));
    const seen = new Set<string>();
    const agree = (rules: { max: number; severity: Severity }[], personMax: number | null, today: number) => {
      const items = rules.map(({ max, severity }, index) => alert(`a${index}`, max, severity));
      const max = Math.max(...rules.map((rule) => rule.max));
      const severity = highestSeverity(items);
      const [expected = ''] = modelDecision({ ...warning, severity, cap: { max, today }, personMax }).split(
        /\W/,
      );
      seen.add(expected);
      const decisions = decideRelease(items.map(due), recipient(personMax), today, noon);
      expect(new Set(decisions.map(({ verdict }) => verdict.verdict))).toEqual(new Set([expected]));
    };
    fc.assert(fc.property(fc.array(one, { minLength: 1, maxLength: 4 }), numbers, fc.nat(6), agree), {
      numRuns: 500,
    });
    expect([...seen].sort()).toEqual(['cap', 'send']);
  });
});
