import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';

const rules = '/api/smart-alerts/rules';
let service: TestService;
let token: string;
beforeAll(async () => {
  service = await startService();
  const userId = randomUUID();
  token = await service.token(userId);
  await service.put(`/api/users/${userId}`, { timezone: 'America/New_York' }, service.tenant.adminKey);
});
afterAll(() => service.stop());

const make = async (body: object = {}) =>
  (await service.post(rules, { budgetAmount: '100.00', ...body }, token)).body.data;

test.each<[string, object, string | null]>([
  ['an instant', { snoozeUntil: '2026-11-12T08:00:00+01:00' }, '2026-11-12T07:00:00Z'],
  ['the start of a local day', { snoozeUntil: '2026-11-12' }, '2026-11-12T05:00:00Z'],
  ['the end of the period', { snoozeUntil: 'period_end' }, '2026-12-01T05:00:00Z'],
  [
    'the end of a period given with it',
    { period: 'weekly', snoozeUntil: 'period_end' },
    '2026-11-16T05:00:00Z',
  ],
  ['a past instant, as no snooze', { snoozeUntil: '2026-11-10T12:00:00Z' }, null],
  ['null, as no snooze', { snoozeUntil: null }, null],
])('a rule is created and changed with a snooze until %s', async (_name, body, until) => {
  const made = await make(body);
  expect(made.snoozeUntil).toBe(until);
  const { id } = await make({ snoozeUntil: '2027-01-01' });
  const changed = await service.put(`${rules}/${id}`, body, token);
  expect(changed).toMatchObject({ status: 200, body: { data: { snoozeUntil: until } } });
  const others = await service.put(`${rules}/${id}`, { name: 'Other' }, token);
  expect(others.body.data).toMatchObject({ name: 'Other', snoozeUntil: until });
  const listed = (await service.get(rules, token)).body.data;
  expect(listed.find((rule: { id: string }) => rule.id === id)).toEqual(others.body.data);
});

test('a snooze until the end of the period uses the period of the rule', async () => {
  const { id } = await make({ period: 'daily' });
  const changed = await service.put(`${rules}/${id}`, { snoozeUntil: 'period_end' }, token);
  expect(changed.body.data.snoozeUntil).toBe('2026-11-11T05:00:00Z');
});

test.each(['tomorrow', '2026-11-31', '2026-11-12T08:00:00', 'end', '', 5, {}])(
  'a snooze of a rule until %j is refused by its pointer',
  async (snoozeUntil) => {
    const { id } = await make();
    for (const answer of [
      await service.post(rules, { budgetAmount: '1.00', snoozeUntil }, token),
      await service.put(`${rules}/${id}`, { snoozeUntil }, token),
    ])
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/snoozeUntil' }] } });
  },
);

test('a snooze of a rule ends at its time', async () => {
  const until = service.clock.now().add({ seconds: 1 }).toString();
  const { id } = await make({ snoozeUntil: until });
  const read = async () => (await service.get(`${rules}/${id}`, token)).body.data.snoozeUntil;
  expect(await read()).toBe(until);
  service.clock.advance({ seconds: 1 });
  expect(await read()).toBeNull();
});
