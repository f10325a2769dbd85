/** The ledger of a day through the API. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../../support/worlds/person.ts';
import { type Answer, startsAt, startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

type Entry = {
  at: string;
  kind: string;
  why: string;
  level?: number;
  outcome?: string;
  channel?: string;
  ruleId?: string;
  expenseId?: string;
  notificationId?: string;
};

const today = startsAt.slice(0, 10);
const at100 = { thresholds: [{ percent: 100, severity: 'danger' }], name: 'Food', categoryId: 'food' };

async function ask(person: Person, query = '', tenantId = service.tenant.tenantId): Promise<Answer> {
  return service.get(`/api/smart-alerts/why${query}`, await service.token(person.userId, { tenantId }));
}

async function read(
  person: Person,
  query = '',
): Promise<{ date: string; timezone: string; entries: Entry[] }> {
  const { status, body } = await ask(person, query);
  expect(status).toBe(200);
  return body.data;
}

const gist = ({ kind, level, outcome }: Entry) =>
  [kind, level, outcome].filter((each) => each !== undefined).join(' ');
const sentences = ({ why }: Entry): string => why;

const settle = async (person: Person, timezone: string): Promise<void> => {
  await service.put(`/api/users/${person.userId}`, { timezone }, service.tenant.adminKey);
};

describe('the ledger of a day', () => {
  test('without anything that mattered is empty', async () => {
    const person = await Person.arrives(service);
    await person.budget('100.00', at100);
    await person.spend('1.00');
    expect(await read(person)).toEqual({ date: today, timezone: 'UTC', entries: [] });
    expect(await read(person, '?date=1900-01-01')).toEqual({
      date: '1900-01-01',
      timezone: 'UTC',
      entries: [],
    });
  });

  test('tells expense, level, decision, notification and delivery in order, each with a sentence', async () => {
    const person = await Person.arrives(service);
    const ruleId = await person.budget('100.00', at100);
    const spentAt = service.clock.now().subtract({ hours: 1 });
    const expenseId = await person.spend('120.00', { merchant: 'Whole Foods', at: spentAt });
    const [notification] = await person.notifications();
    const notificationId = notification?.id;
    const at = service.clock.now().toString();
    const about = { at, ruleId, level: 100 };
    const cause = { ...about, basis: 'actual', expenseId };
    expect(await read(person, `?date=${today}`)).toEqual({
      date: today,
      timezone: 'UTC',
      entries: [
        {
          at: spentAt.toString(),
          kind: 'expense',
          why: 'An expense of $120.00 at Whole Foods was made on November 10, 2026 at 11:00 AM.',
          expenseId,
          amount: '120.00',
          currency: 'USD',
        },
        {
          ...cause,
          kind: 'level',
          why: 'Food reached 100% of its budget of $100.00, with $120.00 spent.',
        },
        {
          ...cause,
          kind: 'decision',
          why: 'A message was made of it.',
          outcome: 'notified',
          notificationId,
        },
        {
          ...about,
          kind: 'notification',
          why: 'On November 10, 2026 at 12:00 PM spending reached 100% of this budget. It is in the app alone, because no other way to reach you was open.',
          outcome: 'sent',
          notificationId,
        },
        {
          ...about,
          kind: 'delivery',
          why: 'Food: 120% of the monthly budget. App: sent on November 10, 2026 at 12:00 PM.',
          outcome: 'sent',
          notificationId,
          channel: 'in-app',
        },
      ],
    });
    expect(await read(person)).toEqual(await read(person, `?date=${today}`));
  });

  test('names each level once, though decisions about it follow', async () => {
    const person = await Person.arrives(service);
    await person.budget('100.00', { ...at100, cooldownMinutes: 60 });
    await person.spend('120.00');
    await person.spend('-50.00', { merchant: 'Shop' });
    await person.spend('40.00');
    const { entries } = await read(person);
    expect(entries.filter(({ kind }) => kind === 'level' || kind === 'decision').map(gist)).toEqual([
      'level 100',
      'decision 100 notified',
      'decision 100 resolved',
      'level 100',
      'decision 100 deduplicated',
    ]);
    expect(entries.filter(({ kind }) => kind === 'expense').map(sentences)).toEqual([
      expect.stringContaining('An expense of $120.00 in food'),
      expect.stringContaining('Shop gave back $50.00'),
      expect.stringContaining('An expense of $40.00 in food'),
    ]);
    expect(entries.map(sentences)).toContain(
      'You had heard of it not long before, so it is told on November 10, 2026 at 1:00 PM if it still holds.',
    );
  });

  test('says of an expense without a rate that it is left out', async () => {
    const person = await Person.arrives(service);
    await person.budget('100.00', at100);
    await person.spend('10.00', { currency: 'CHF' });
    const { entries } = await read(person);
    expect(entries.map(gist)).toEqual(['expense', 'decision no_rate']);
    expect(entries[1]?.why).toBe(
      'An expense is left out of Food. No exchange rate is known for its currency.',
    );
  });

  test('places a late expense at the decision that it caused', async () => {
    const person = await Person.arrives(service);
    await person.budget('100.00', at100);
    await person.spend('120.00', { at: service.clock.now().subtract({ hours: 48 }) });
    const { entries } = await read(person);
    expect(entries[0]).toMatchObject({
      kind: 'expense',
      at: service.clock.now().toString(),
      why: 'An expense of $120.00 in food was made on November 8, 2026 at 12:00 PM.',
    });
    expect((await read(person, '?date=2026-11-08')).entries).toEqual([]);
  });

  test('writes figures and times in the locale and the zone of its person', async () => {
    const person = await Person.arrives(service);
    await settle(person, 'Asia/Tokyo');
    await person.prefers({ locale: 'en-GB' });
    await person.budget('100.00', at100);
    await person.spend('120.00');
    const { date, timezone, entries } = await read(person);
    expect({ date, timezone }).toEqual({ date: today, timezone: 'Asia/Tokyo' });
    expect(entries[0]?.why).toBe('An expense of US$120.00 in food was made on 10 November 2026 at 21:00.');
  });
});

describe('the day that a ledger is asked of', () => {
  test.each(['2026-13-01', 'yesterday', '2026-11-31', '1899-12-31', '2026-11-11', ''])(
    'is refused where it is "%s", with the pointer',
    async (date) => {
      const { status, body } = await ask(await Person.arrives(service), `?date=${date}`);
      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ pointer: '/date' }]);
    },
  );

  test('begins at midnight in the person’s zone', async () => {
    const person = await Person.arrives(service);
    await settle(person, 'Pacific/Kiritimati');
    await person.budget('100.00', at100);
    await person.spend('120.00');
    expect((await read(person, '?date=2026-11-10')).entries).toEqual([]);
    expect((await read(person)).date).toBe('2026-11-11');
    expect((await read(person, '?date=2026-11-11')).entries).toHaveLength(5);
  });
});

describe('the ledger of others', () => {
  test('is not shown, nor that of the same person id in another tenant', async () => {
    const person = await Person.arrives(service);
    await person.budget('100.00', at100);
    const expenseId = await person.spend('120.00', { merchant: 'Secret' });
    expect((await read(person)).entries).toHaveLength(5);
    expect((await read(await Person.arrives(service))).entries).toEqual([]);
    const { tenantId } = await service.anotherTenant();
    expect((await ask(person, '', tenantId)).body.data.entries).toEqual([]);
    // An expense that moves to somebody else takes its merchant and amount along.
    const other = await Person.arrives(service);
    service.clock.moveTo(service.clock.now().add({ seconds: 1 }));
    await other.spend('120.00', { merchant: 'Moved', expenseId });
    const texts = (await read(person)).entries.map(sentences);
    expect(texts).toContain('An expense changed spending that has been deleted since.');
    expect(texts.join()).not.toMatch(/Secret|Moved/);
  });

  test('needs a token', async () => {
    expect((await service.get('/api/smart-alerts/why')).status).toBe(401);
  });
});
