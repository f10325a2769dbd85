/** The forecasts of a preview: what was to be expected on each past day, and how long they keep a process from other work. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { draftOf, makeTenant } from '../../support/worlds/alerts/batches.ts';
import { measureStalls } from '../../support/checks/longest-stall.ts';
import { evenSpending } from '../../support/worlds/alerts/even-spender.ts';
import { Shopper } from '../../support/worlds/shopper.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { previewRule } from '../../../src/notify/preview/preview-rule.ts';

let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

type Line = { at: string; level: number; basis: string; outcome: string };

describe('a person who spends the same each month', () => {
  let shopper: Shopper;
  beforeAll(async () => {
    shopper = await Shopper.arrives(service);
    await shopper.buys(...evenSpending('2026-11-10'));
  });

  const preview = async (rule: object): Promise<string[]> => {
    const answer = await service.post('/api/smart-alerts/rules/preview', { rule, days: 60 }, shopper.token);
    return answer.body.data.alerts.map(
      ({ at, level, basis, outcome }: Line) => `${at.slice(5, 10)} ${basis} ${level} ${outcome}`,
    );
  };

  test('is warned of each month before it runs over', async () => {
    expect(await preview({ budgetAmount: '700.00' })).toEqual([
      '09-03 forecast 100 notified',
      '09-28 actual 80 superseded',
      '09-28 actual 95 superseded',
      '09-28 actual 100 notified',
      '10-03 forecast 100 notified',
      '10-28 actual 80 superseded',
      '10-28 actual 95 superseded',
      '10-28 actual 100 notified',
      '11-03 forecast 100 notified',
    ]);
  });

  test('is left alone by levels that the month will not go beyond', async () => {
    expect(await preview({ budgetAmount: '900.00' })).toEqual([
      '09-28 actual 80 on_pace',
      '10-28 actual 80 on_pace',
    ]);
  });
});

test('fifty thousand expenses keep no other work waiting for long', async () => {
  const { db, clock } = service.services;
  const tenantId = await makeTenant(db, ['busy']);
  const now = clock.now();
  await statement`
    insert into expenses (tenant_id, id, event_time, event_id, event_source, user_id, category_id, merchant,
      amount_minor, currency, spent_at, day)
    select ${tenantId}::uuid, 'e' || i, spent_at, 'e' || i, 'api', 'busy', 'c' || i % 5, 'Shop ' || i % 97,
      100 + i % 1000, 'USD', spent_at, (spent_at at time zone 'UTC')::date
    from generate_series(1, 50000) i
    cross join lateral (select ${now.toString()}::timestamptz - i * interval '10 minutes' as spent_at) at`.execute(
    service.sql,
  );
  const draft = { ...draftOf({ budgetMinor: 3_000_000n }), carriesFrom: null };
  const asked = { draft, days: 300, configured: new Set(['in-app' as const]) };
  const { result, longestMs } = await measureStalls(() =>
    previewRule(db, { tenantId, userId: 'busy' }, asked, now),
  );
  expect(result.periods.length).toBeGreaterThan(9);
  expect(longestMs).toBeLessThan(400);
}, 60_000);
