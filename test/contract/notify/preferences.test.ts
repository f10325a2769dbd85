import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTenant } from '../../../src/accounts/tenants.ts';
import { anomalyTypes } from '../../../src/values/anomaly.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { whileLocked } from '../../support/worlds/while-locked.ts';

const preferences = '/api/smart-alerts/preferences';
let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** Makes a person of its own for each test. */
async function newPerson(tenantId = service.tenant.tenantId) {
  const userId = randomUUID();
  const token = await service.token(userId, { tenantId });
  await service.get(preferences, token);
  const read = async () => (await service.get(preferences, token)).body.data;
  const change = (body: unknown) => service.put(preferences, body, token);
  /** Returns the preferences after the change. */
  const put = async (body: unknown) => {
    const answer = await change(body);
    expect(answer.status).toBe(200);
    expect(await read()).toEqual(answer.body.data);
    return answer.body.data;
  };
  return { userId, token, read, change, put };
}

const switched = (on: boolean) => Object.fromEntries(anomalyTypes.map((type) => [type, on]));

const defaults = {
  timezone: 'UTC',
  locale: 'en',
  channels: { email: true, sms: true, push: true },
  quietHours: { enabled: true, start: '20:00', end: '08:00', timezone: null },
  criticalInterrupts: true,
  digest: { daily: true, weekly: false, at: '08:30' },
  benchmarkConsent: true,
  anomalies: switched(true),
  snoozeUntil: null,
  maxNotificationsPerDay: null,
};

const allChanged = {
  timezone: 'Europe/Berlin',
  locale: 'de-AT',
  channels: { email: false, sms: false, push: false },
  quietHours: { enabled: false, start: '23:59', end: '00:00', timezone: 'Asia/Tokyo' },
  criticalInterrupts: false,
  digest: { daily: false, weekly: true, at: '23:59' },
  benchmarkConsent: false,
  anomalies: switched(false),
  snoozeUntil: '2026-11-12T06:30:00Z',
  maxNotificationsPerDay: 2,
};

const oneSwitched = { ...switched(false), missed_charge: true };

describe('preferences', () => {
  test('are the defaults until a person changes them', async () => {
    const { read } = await newPerson();
    expect(await read()).toEqual(defaults);
  });

  test('follow the tenant’s time zone and consent mode', async () => {
    const draft = { name: 'T', timezone: 'Asia/Kolkata', currency: 'INR', benchmarks: 'opt-in' as const };
    const { tenantId } = await createTenant(service.services.db, draft, service.clock.now());
    const { read, put } = await newPerson(tenantId);
    const expected = { ...defaults, timezone: 'Asia/Kolkata', benchmarkConsent: false };
    expect(await read()).toEqual(expected);
    expect(await put({ benchmarkConsent: true })).toEqual({ ...expected, benchmarkConsent: true });
    expect(await put({ benchmarkConsent: null, timezone: 'UTC' })).toEqual({ ...expected, timezone: 'UTC' });
  });

  test('share zone, locale and consent with the users API', async () => {
    const { userId, read, put } = await newPerson();
    const known = { timezone: 'Europe/Berlin', locale: 'de-AT', benchmarkConsent: false };
    await service.put(`/api/users/${userId}`, known, service.tenant.adminKey);
    expect(await read()).toEqual({ ...defaults, ...known });
    await put({ locale: 'fr', benchmarkConsent: null });
    const user = await service.get(`/api/users/${userId}`, service.tenant.adminKey);
    expect(user.body).toMatchObject({ timezone: 'Europe/Berlin', locale: 'fr', benchmarkConsent: null });
  });

  test('keep every field given, and accept their own response as input', async () => {
    const { put } = await newPerson();
    expect(await put(allChanged)).toEqual(allChanged);
    expect(await put(allChanged)).toEqual(allChanged);
    expect(await put({})).toEqual(allChanged);
  });

  test.each<[string, object, object]>([
    ['a zone in any letter case', { timezone: 'america/new_york' }, { timezone: 'America/New_York' }],
    ['a locale in any letter case', { locale: 'EN-us' }, { locale: 'en-US' }],
    [
      'one channel and leave the others',
      { channels: { sms: true } },
      { channels: { email: false, sms: true, push: false } },
    ],
    ['the app among the channels, which is always on', { channels: { 'in-app': true } }, {}],
    ['one type of anomaly', { anomalies: { missed_charge: true } }, { anomalies: oneSwitched }],
    [
      'the end of quiet hours alone',
      { quietHours: { end: '07:15' } },
      { quietHours: { ...allChanged.quietHours, end: '07:15' } },
    ],
    [
      'the zone of quiet hours alone',
      { quietHours: { timezone: 'europe/paris' } },
      { quietHours: { ...allChanged.quietHours, timezone: 'Europe/Paris' } },
    ],
    [
      'quiet hours in the person’s zone',
      { quietHours: { timezone: null } },
      { quietHours: { ...allChanged.quietHours, timezone: null } },
    ],
    [
      'the hour of the digest alone',
      { digest: { at: '00:00' } },
      { digest: { ...allChanged.digest, at: '00:00' } },
    ],
    ['null for the default quiet hours', { quietHours: null }, { quietHours: defaults.quietHours }],
    ['null for the default digest', { digest: null }, { digest: defaults.digest }],
    ['null for the tenant’s zone', { timezone: null }, { timezone: 'UTC' }],
    ['null for the default locale', { locale: null }, { locale: 'en' }],
    ['null for the default consent', { benchmarkConsent: null }, { benchmarkConsent: true }],
    ['null for no snooze', { snoozeUntil: null }, { snoozeUntil: null }],
    [
      'a snooze until an instant with a UTC offset',
      { snoozeUntil: '2026-11-12T08:00:00+01:00' },
      { snoozeUntil: '2026-11-12T07:00:00Z' },
    ],
    [
      'a snooze until a local day begins',
      { snoozeUntil: '2026-11-12' },
      { snoozeUntil: '2026-11-11T23:00:00Z' },
    ],
    [
      'a snooze until a local day begins in the new zone',
      { timezone: 'Asia/Tokyo', snoozeUntil: '2026-11-12' },
      { timezone: 'Asia/Tokyo', snoozeUntil: '2026-11-11T15:00:00Z' },
    ],
    ['a past instant as no snooze', { snoozeUntil: '2026-11-10T12:00:00Z' }, { snoozeUntil: null }],
    ['one interruption a day', { maxNotificationsPerDay: 1 }, { maxNotificationsPerDay: 1 }],
    ['a thousand interruptions a day', { maxNotificationsPerDay: 1000 }, { maxNotificationsPerDay: 1000 }],
    ['null for the rules’ own quota', { maxNotificationsPerDay: null }, { maxNotificationsPerDay: null }],
    ['today as no snooze', { snoozeUntil: '2026-11-10' }, { snoozeUntil: null }],
  ])('accept %s', async (_name, changes, expected) => {
    const { put } = await newPerson();
    await put(allChanged);
    expect(await put(changes)).toEqual({ ...allChanged, ...expected });
  });

  test('are in the person’s export as stored, with their quota', async () => {
    const { token, put } = await newPerson();
    const stored = async () =>
      (await service.get('/api/smart-alerts/me/export', token)).body.preferences.maxNotificationsPerDay;
    expect(await stored()).toBeNull();
    await put({ maxNotificationsPerDay: 2 });
    expect(await stored()).toBe(2);
  });

  test('belong to one person alone', async () => {
    const [{ put }, { read }] = await Promise.all([newPerson(), newPerson()]);
    await put(allChanged);
    expect(await read()).toEqual(defaults);
  });

  test('keep every one of several changes at the same time', async () => {
    const { userId, change, read } = await newPerson();
    const works = ['email', 'sms', 'push'].map((channel) => () => change({ channels: { [channel]: false } }));
    const person = { tenantId: service.tenant.tenantId, userId };
    // Two of them wait for the person's row, and the third for its turn.
    const answers = await whileLocked(service.sql, person, works, 2);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await read()).channels).toEqual(allChanged.channels);
  });
});

describe('a change of preferences is refused with', () => {
  test.each<[string, unknown, string]>([
    ['an unknown zone', { timezone: 'Mars/Olympus' }, '/timezone'],
    ['an offset as zone', { timezone: '+02:00' }, '/timezone'],
    ['a malformed locale', { locale: 'english language' }, '/locale'],
    ['the app switched off', { channels: { 'in-app': false } }, '/channels/in-app'],
    ['an unknown channel', { channels: { fax: true } }, '/channels/fax'],
    ['a channel that is neither on nor off', { channels: { email: 'no' } }, '/channels/email'],
    ['no channels', { channels: null }, '/channels'],
    ['channels as a list', { channels: ['email'] }, '/channels'],
    ['an hour 25', { quietHours: { start: '25:00' } }, '/quietHours/start'],
    ['an hour 24', { quietHours: { end: '24:00' } }, '/quietHours/end'],
    ['a one-digit hour', { quietHours: { start: '8:00' } }, '/quietHours/start'],
    ['a minute 60', { quietHours: { start: '20:60' } }, '/quietHours/start'],
    ['seconds', { quietHours: { end: '08:00:00' } }, '/quietHours/end'],
    ['no start', { quietHours: { start: null } }, '/quietHours/start'],
    ['an unknown zone of quiet hours', { quietHours: { timezone: 'Mars/Olympus' } }, '/quietHours/timezone'],
    ['an unknown field of quiet hours', { quietHours: { days: [] } }, '/quietHours/days'],
    ['quiet hours as text', { quietHours: '20:00-08:00' }, '/quietHours'],
    ['null for critical interrupts', { criticalInterrupts: null }, '/criticalInterrupts'],
    ['a malformed digest hour', { digest: { at: '8:30' } }, '/digest/at'],
    ['an unknown digest', { digest: { monthly: true } }, '/digest/monthly'],
    ['a digest as a boolean', { digest: false }, '/digest'],
    ['consent as text', { benchmarkConsent: 'yes' }, '/benchmarkConsent'],
    ['a snooze in words', { snoozeUntil: 'tomorrow' }, '/snoozeUntil'],
    ['a snooze without an offset', { snoozeUntil: '2026-11-12T08:00:00' }, '/snoozeUntil'],
    ['a snooze until an invalid day', { snoozeUntil: '2026-11-31' }, '/snoozeUntil'],
    ['a snooze until the end of a period', { snoozeUntil: 'period_end' }, '/snoozeUntil'],
    ['a snooze until a five-digit year', { snoozeUntil: '9999-12-31T23:59:59-01:00' }, '/snoozeUntil'],
    ['a snooze in minutes', { snoozeUntil: 60 }, '/snoozeUntil'],
    ['an unknown type of anomaly', { anomalies: { strange: true } }, '/anomalies/strange'],
    ['no interruption a day', { maxNotificationsPerDay: 0 }, '/maxNotificationsPerDay'],
    ['a negative quota', { maxNotificationsPerDay: -1 }, '/maxNotificationsPerDay'],
    ['a quota of a thousand and one', { maxNotificationsPerDay: 1001 }, '/maxNotificationsPerDay'],
    ['half an interruption a day', { maxNotificationsPerDay: 2.5 }, '/maxNotificationsPerDay'],
    ['a quota as text', { maxNotificationsPerDay: '2' }, '/maxNotificationsPerDay'],
    ['a quota as a list', { maxNotificationsPerDay: [2] }, '/maxNotificationsPerDay'],
    ['an address', { email: 'a@example.com' }, '/email'],
    ['a list as body', '[]', ''],
  ])('%s', async (_name, body, pointer) => {
    const { change, read } = await newPerson();
    const answer = await change(body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(answer.body.errors).toHaveLength(1);
    expect(answer.body.errors[0].message).toMatch(/^(?:must|is|cannot) /);
    expect(await read()).toEqual(defaults);
  });

  test('every wrong value named', async () => {
    const { change } = await newPerson();
    const body = {
      timezone: 'x',
      quietHours: { start: 'x', timezone: 'x' },
      digest: { at: 'x' },
      snoozeUntil: 'x',
    };
    const { errors } = (await change(body)).body;
    expect(errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/digest/at',
      '/quietHours/start',
      '/quietHours/timezone',
      '/snoozeUntil',
      '/timezone',
    ]);
  });
});

test('a change of the time zone moves expenses to their new local days', async () => {
  const { userId, token, put } = await newPerson();
  const daily = { budgetAmount: '10.00', period: 'daily', channels: ['in-app'] };
  const rule = await service.post('/api/smart-alerts/rules', daily, token);
  const spent = async () =>
    (await service.get(`/api/smart-alerts/rules/${rule.body.data.id}`, token)).body.data.spent;
  const at = '2026-11-10T02:00:00Z';
  const facts = { expenseId: userId, userId, categoryId: 'c', amount: '3.00', currency: 'USD' };
  await service.post('/api/events', {
    id: userId,
    type: 'expense.created',
    time: at,
    data: { ...facts, spentAt: at },
  });
  await service.settled();
  expect(await spent()).toBe('3.00');
  await put({ timezone: 'America/Los_Angeles', quietHours: { end: '07:00' } });
  expect(await spent()).toBe('0.00');
});

test('a snooze ends at its time', async () => {
  const { read, put } = await newPerson();
  const until = service.clock.now().add({ seconds: 1 }).toString();
  expect((await put({ snoozeUntil: until })).snoozeUntil).toBe(until);
  service.clock.advance({ seconds: 1 });
  expect((await read()).snoozeUntil).toBeNull();
});

test('a change of preferences gives a deferred notification a new time', async () => {
  const { userId, put } = await newPerson();
  const { tenantId } = service.tenant;
  const id = randomUUID();
  const morning = '2026-11-11T08:00:00Z';
  await statement`
    insert into notification_history
      (tenant_id, id, user_id, type, severity, title, message, is_silent, status, until, created_at)
    values (${tenantId}, ${id}, ${userId}, 'budget_alert', 'info', 't', 'm', false, 'deferred', ${morning},
      ${service.clock.now().toString()})`.execute(service.sql);
  const until = async () => {
    const { rows } = await statement<{ until: string }>`
      select until from notification_history where id = ${id}`.execute(service.sql);
    return Temporal.Instant.from(rows[0]?.until ?? '').toString();
  };
  await put({ criticalInterrupts: false });
  expect(await until()).toBe(service.clock.now().toString());
  await put({ quietHours: { start: '12:00', end: '14:30' } });
  expect(await until()).toBe('2026-11-10T14:30:00Z');
  await put({ timezone: 'Europe/Berlin' });
  expect(await until()).toBe('2026-11-10T13:30:00Z');
});
