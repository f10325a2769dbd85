/** The alerts that one evaluation opens for a person: which of them wait, and which go out as one. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultDigest } from '../../../src/notify/decide/digest.ts';
import { decideOpened } from '../../../src/notify/decide/group.ts';
import type { InterruptionInput, SkipReason } from '../../../src/notify/decide/interruption.ts';
import type { PendingNotification, Recipient, RuleSettings } from '../../../src/notify/decide/policy.ts';
import { defaultQuietHours } from '../../../src/notify/decide/quiet-hours.ts';
import { severities, type Severity } from '../../../src/values/severity.ts';
import { interruptingChannels } from '../../../src/values/channels.ts';
import { modelOpened } from '../../support/reference/reference-groups.ts';
import { groceries, recovery } from '../../support/worlds/alert-facts.ts';

const noon = Temporal.Instant.from('2026-11-10T12:00:00Z');
const waitsUntil = noon.add({ seconds: 30 });
const digestAt = Temporal.Instant.from('2026-11-11T08:30:00Z');
const quietNow = { ...defaultQuietHours, start: '11:00', end: '13:00' };

const person: Recipient = {
  tenantId: 't',
  tenantName: 'Example Cards',
  userId: 'u',
  locale: 'en',
  timeZone: 'UTC',
  snoozeUntil: null,
  criticalInterrupts: true,
  quietHours: defaultQuietHours,
  skip: { email: null, sms: null, push: 'no_address' },
  digest: defaultDigest,
  maxPerDay: null,
  lastDigestDay: null,
  unsubscribeKey: 'k',
};

function alert(id: string, severity: Severity, settings: Partial<RuleSettings> = {}): PendingNotification {
  const rule: RuleSettings = {
    isActive: true,
    isMuted: false,
    snoozeUntil: null,
    quietHours: null,
    maxPerDay: 3,
    channels: ['in-app', 'email'],
    ...settings,
  };
  return {
    tenantId: 't',
    id,
    userId: 'u',
    type: 'budget_alert',
    severity,
    title: '',
    message: '',
    content: { ...groceries, severity, channels: rule.channels },
    silenced: rule.isMuted ? 'muted' : null,
    isDigest: false,
    isRenewed: false,
    rule,
  };
}

type Case = { hasWait?: boolean; today?: number; recipient?: Partial<Recipient> };

/** Formats each decision as one line: the notifications that share it, and the verdict. */
const decide = (
  items: PendingNotification[],
  { hasWait = true, today = 0, recipient = {} }: Case = {},
): string[] =>
  decideOpened(items, { ...person, ...recipient }, today, noon, hasWait ? waitsUntil : null).map(
    ({ items: together, verdict }) => `${together.map(({ id }) => id).join('+')} ${verdict.verdict}`,
  );

const [info, danger, critical] = [alert('i', 'info'), alert('d', 'danger'), alert('c', 'critical')];
const muted = alert('m', 'danger', { isMuted: true });
const quiet = alert('q', 'danger', { quietHours: quietNow });
const fell: PendingNotification = { ...alert('r', 'info'), type: 'recovery', content: recovery };

describe('alerts of one evaluation', () => {
  test.each<[string, PendingNotification[], Case, string[]]>([
    ['wait for others', [info, danger], {}, ['i wait', 'd wait']],
    ['wait also beyond the quota, which is asked at the end', [info], { today: 7 }, ['i wait']],
    ['are one message without a wait', [info, danger], { hasWait: false }, ['i+d send']],
    ['meet the quota as one', [info, danger], { hasWait: false, today: 2 }, ['i+d send']],
    ['are capped as one', [info, danger], { hasWait: false, today: 3 }, ['i cap', 'd cap']],
    ['do not wait in quiet hours or if muted', [muted, quiet], {}, ['m in_app_only', 'q defer']],
    ['do not wait at the ceiling', [info], { today: 30 }, ['i cap']],
    [
      'do not wait without a channel',
      [info],
      { recipient: { skip: { ...person.skip, email: 'bounced' } } },
      ['i in_app_only'],
    ],
    ['do not wait with a critical one', [info, critical], {}, ['c+i send']],
    ['go alone if only one is there', [critical], {}, ['c send']],
    ['stay behind a critical one beyond the quota', [info, critical], { today: 2 }, ['c send', 'i cap']],
    ['go with a critical one in the kept slot', [danger, info, critical], { today: 2 }, ['c+d+i send']],
    ['stay behind a critical one in quiet hours', [quiet, critical], {}, ['q defer', 'c send']],
    ['are two critical ones in one message', [critical, alert('k', 'critical')], { today: 9 }, ['c+k send']],
    [
      'wait with a critical one that is no exception',
      [info, critical],
      {
        recipient: { criticalInterrupts: false },
      },
      ['i wait', 'c wait'],
    ],
    [
      'wait beside a critical one that is snoozed',
      [info, alert('s', 'critical', { snoozeUntil: digestAt })],
      {},
      ['s defer', 'i wait'],
    ],
    ['leave a recovery alone', [fell], {}, ['r send']],
  ])('%s', (_name, items, given, expected) => {
    expect(decide(items, given)).toEqual(expected);
  });
});

const rarely = <T>(rare: T, usual: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(rare) }, { weight: 5, arbitrary: fc.constant(usual) });

const rules = fc.record({
  severity: fc.constantFrom(...severities),
  isMuted: rarely(true, false),
  snoozeUntil: rarely<Temporal.Instant | null>(digestAt, null),
  quietHours: rarely<typeof quietNow | null>(quietNow, null),
  maxPerDay: fc.integer({ min: 1, max: 4 }),
  channels: fc.subarray([...interruptingChannels]),
});
const skip = rarely<SkipReason | null>('ceiling', null);
const recipients = fc.record({
  snoozeUntil: rarely<Temporal.Instant | null>(digestAt, null),
  criticalInterrupts: fc.boolean(),
  quietHours: rarely(quietNow, defaultQuietHours),
  maxPerDay: fc.option(fc.integer({ min: 1, max: 4 })),
  skip: fc.record({ email: skip, sms: skip, push: rarely<SkipReason | null>('bounced', null) }),
});
const usage = fc.oneof({ weight: 9, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.constant(30) });

type DrawnRule = typeof rules extends fc.Arbitrary<infer T> ? T : never;
type DrawnRecipient = typeof recipients extends fc.Arbitrary<infer T> ? T : never;

const inputOf = (rule: DrawnRule, drawn: DrawnRecipient, today: number): InterruptionInput => {
  const snoozes = [rule.snoozeUntil, drawn.snoozeUntil].filter((each) => each !== null);
  return {
    severity: rule.severity,
    isMuted: rule.isMuted,
    snoozedUntil: snoozes[0] ?? null,
    criticalInterrupts: drawn.criticalInterrupts,
    channels: rule.channels.map((channel) => ({ channel, skip: drawn.skip[channel] })),
    quietHours: rule.quietHours ?? drawn.quietHours,
    timeZone: 'UTC',
    cap: { max: rule.maxPerDay, today },
    personMax: drawn.maxPerDay,
    digestAt,
    now: noon,
  };
};

test('the policy of groups agrees with the reference model on any alerts, and every answer occurs', () => {
  const seen = new Set<string>();
  const agree = (drawn: DrawnRule[], recipient: DrawnRecipient, today: number, hasWait: boolean) => {
    const items = drawn.map(({ severity, ...rule }, index) => alert(`a${index}`, severity, rule));
    const decisions = decideOpened(
      items,
      { ...person, ...recipient },
      today,
      noon,
      hasWait ? waitsUntil : null,
    );
    const sent = decisions.filter(({ verdict }) => verdict.verdict === 'send');
    expect(sent.length).toBeLessThanOrEqual(1);
    expect(decisions.flatMap((each) => each.items)).toHaveLength(items.length);
    const lines = items.map((item) => {
      const verdict = decisions.find((each) => each.items.includes(item))?.verdict;
      if (verdict?.verdict === 'send') return verdict.countsAgainstQuota ? 'together' : 'not counted';
      if (verdict?.verdict === 'wait') return 'waits';
      const until = verdict && 'until' in verdict && verdict.until ? ` ${verdict.until.toString()}` : '';
      return `${verdict?.verdict} ${verdict?.reason}${until}`;
    });
    expect(lines).toEqual(
      modelOpened(
        drawn.map((rule) => inputOf(rule, recipient, today)),
        hasWait,
      ),
    );
    for (const line of lines) seen.add(line.split(' 2026')[0] ?? '');
  };
  fc.assert(
    fc.property(fc.array(rules, { minLength: 1, maxLength: 4 }), recipients, usage, fc.boolean(), agree),
    { numRuns: 1500 },
  );
  expect([...seen].sort()).toEqual([
    'cap ceiling',
    'cap daily_cap',
    'defer quiet_hours',
    'defer snoozed',
    'in_app_only muted',
    'in_app_only no_channel',
    'together',
    'waits',
  ]);
});
