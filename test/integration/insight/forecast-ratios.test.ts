/** Each night the ratios of forecasts are pooled over a tenant, and people with few months have a forecast then. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { Shopper } from '../../support/worlds/shopper.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ env: { WORKERS: 'evaluate-alerts' } });
});
afterAll(() => service.stop());

/** 10.00 every other day from `first` until 9 November 2026. */
const everyOtherDay = (first: string) =>
  Array.from({ length: Temporal.PlainDate.from(first).until('2026-11-10').days / 2 + 0.5 }, (_, index) => ({
    on: Temporal.PlainDate.from(first)
      .add({ days: 2 * index })
      .toString(),
    amount: '10.00',
  })).filter(({ on }) => on < '2026-11-10');

async function people(count: number): Promise<void> {
  for (let each = 0; each < count; each++)
    await (await Shopper.arrives(service)).posts(...everyOtherDay('2025-09-01'));
}

const night = () => runJobNow(service.services, 'forecast-ratios', service.clock.now());

const cells = async () => {
  const { rows } = await statement<{ cell: string; people: number; ratios: number[] }>`
    select cell, people, ratios from forecast_ratios order by cell`.execute(service.sql);
  return rows;
};

describe('the ratios of forecasts', () => {
  test('are none of nine people', async () => {
    await people(9);
    await night();
    expect(await cells()).toEqual([]);
  });

  test('of ten people are pooled, and give somebody with four months a forecast', async () => {
    const newcomer = await Shopper.arrives(service);
    await newcomer.posts(...everyOtherDay('2026-07-01'));
    const draft = { budgetAmount: '100.00' };
    const { body } = await service.post('/api/smart-alerts/rules', draft, newcomer.token);
    const path = `/api/smart-alerts/rules/${body.data.id}/forecast`;
    expect((await service.get(path, newcomer.token)).status).toBe(409);

    await people(1);
    await night();
    const pooled = await cells();
    expect(pooled.length).toBeGreaterThan(6);
    expect(pooled.every((each) => each.people >= 10)).toBe(true);
    const ratios = pooled.filter(({ cell }) => cell.includes('/')).flatMap((each) => each.ratios.map(Number));
    expect(ratios.toSorted((one, other) => one - other)[Math.floor(ratios.length / 2)]).toBeCloseTo(1, 0);

    const forecast = (await service.get(path, newcomer.token)).body.data;
    expect(forecast).toMatchObject({ spent: '40.00', probabilityOver: 1, basedOn: { months: 4 } });
    expect(Number(forecast.expected.p50)).toBeGreaterThan(130);
    expect(Number(forecast.expected.p50)).toBeLessThan(160);
  });

  test('are made anew each night and end with their people', async () => {
    await statement`delete from daily_spend`.execute(service.sql);
    await night();
    expect(await cells()).toEqual([]);
  });
});
