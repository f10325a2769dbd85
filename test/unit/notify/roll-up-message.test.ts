import { describe, expect, test } from 'vitest';
import type { NotificationContent } from '../../../src/notify/decide/content.ts';
import { inAppMessage } from '../../../src/notify/messages/in-app.ts';
import { shownOf } from '../../../src/notify/messages/roll-up.ts';
import { groceries, reader } from '../../support/worlds/alert-facts.ts';
import type { AlertFacts } from '../../../src/alerts/decide/alert-facts.ts';

const alert = (ruleId: string, change: Partial<AlertFacts> = {}): AlertFacts => ({
  ...groceries,
  ruleId,
  ruleName: ruleId,
  ...change,
});
const fallen = (ruleId: string, level: number) =>
  alert(ruleId, { type: 'recovery', level, spentMinor: '100' });
const gist = ({ ruleId, type, level }: AlertFacts) => `${ruleId} ${type} ${level}`;

describe('a roll-up of several alerts', () => {
  test('shows one for each rule and period, at its highest level and with its latest figures', () => {
    const october = { start: '2026-10-01', end: '2026-11-01' };
    const shown = shownOf([
      alert('a', { level: 80, severity: 'info', spentMinor: '33000' }),
      alert('a', { level: 100 }),
      alert('a', { level: 95, severity: 'warning', spentMinor: '50000' }),
      alert('a', { level: 100, period: october }),
    ]);
    expect(shown.map(({ period, level, spentMinor }) => [period.start, level, spentMinor])).toEqual([
      ['2026-11-01', 100, '50000'],
      ['2026-10-01', 100, '41230'],
    ]);
  });

  test('sorts by severity, then by percent, with recoveries last', () => {
    const shown = shownOf([
      fallen('down', 100),
      alert('info', { severity: 'info', spentMinor: '90000' }),
      alert('danger', { spentMinor: '40100' }),
      alert('further', { spentMinor: '50100' }),
      alert('critical', { severity: 'critical', spentMinor: '40000' }),
    ]);
    expect(shown.map(({ ruleId }) => ruleId)).toEqual(['critical', 'further', 'danger', 'info', 'down']);
  });

  test.each([
    ['drops an alert above a later recovery', [alert('a'), fallen('a', 95)], ['a recovery 95']],
    [
      'drops an alert of the same level as a later recovery',
      [alert('a'), fallen('a', 100)],
      ['a recovery 100'],
    ],
    [
      'keeps an alert below the level of a later recovery',
      [alert('a', { level: 80 }), fallen('a', 95)],
      ['a budget_alert 80'],
    ],
    [
      'keeps an alert that opened again after a recovery',
      [fallen('a', 95), alert('a')],
      ['a budget_alert 100'],
    ],
    [
      'keeps an alert if the recovery is another rule’s',
      [alert('a'), fallen('b', 95)],
      ['a budget_alert 100', 'b recovery 95'],
    ],
  ])('%s', (_, alerts, shown) => {
    expect(shownOf(alerts).map(gist)).toEqual(shown);
  });
});

describe('the title of a roll-up', () => {
  const [two, mixed, down] = [
    [alert('a'), alert('b')],
    [alert('a'), alert('b'), fallen('c', 95)],
    [fallen('a', 95), fallen('b', 95)],
  ];

  test.each([
    [{ type: 'roll_up', alerts: two }, '2 budgets need a look'],
    [{ type: 'roll_up', alerts: mixed }, '2 budgets need a look and 1 has come down'],
    [
      {
        type: 'roll_up',
        alerts: [alert('a'), ...down.map((each) => ({ ...each, ruleId: each.ruleId + 2 }))],
      },
      '1 budget needs a look and 2 have come down',
    ],
    [{ type: 'roll_up', alerts: down }, '2 budgets have come down'],
    [{ type: 'roll_up', alerts: [alert('Food')] }, 'Food: 103% of the monthly budget'],
    [{ type: 'roll_up', alerts: [] }, 'Your budgets'],
    [{ type: 'daily_summary', day: '2026-11-20', alerts: two }, '2 budgets need a look since yesterday'],
    [
      { type: 'daily_summary', day: '2026-11-19', alerts: two },
      '2 budgets need a look since November 19, 2026',
    ],
    [{ type: 'weekly_summary', day: '2026-11-09', alerts: two }, '2 budgets need a look since last week'],
    [
      { type: 'weekly_summary', day: '2026-11-02', alerts: two },
      '2 budgets need a look since November 2, 2026',
    ],
  ] satisfies [NotificationContent, string][])('for %j is "%s"', (content, title) => {
    expect(inAppMessage(content, reader).title).toBe(title);
  });
});

test('the text of a roll-up has a sentence for each alert', () => {
  expect(inAppMessage({ type: 'roll_up', alerts: [alert('Food'), fallen('Fun', 95)] }, reader).text).toBe(
    'Food: $412.30 of $400.00 spent, $12.30 over, with 10 days left this month. Fun is back below 95%: $1.00 of $400.00 spent, $399.00 left, about $39 a day for 10 days.',
  );
});
