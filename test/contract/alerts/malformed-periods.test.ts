import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';

const rules = '/api/smart-alerts/rules';
let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const monthly = 'FREQ=MONTHLY;BYMONTHDAY=25';
const start = '2026-11-25';

describe('the validation of periods', () => {
  test.each<[string, unknown, string[]]>([
    ['a number', 5, ['/period']],
    ['an array', [], ['/period']],
    ['null', null, ['/period']],
    ['an unknown word', 'fortnightly', ['/period']],
    ['no members', {}, ['/period/start']],
    ['a start alone', { start }, ['/period']],
    ['a rule alone', { rrule: monthly }, ['/period/start']],
    ['a rule and an end', { rrule: monthly, start, end: '2026-12-25' }, ['/period']],
    ['an unknown member', { rrule: monthly, start, count: 3 }, ['/period/count']],
    ['a rule that is no text', { rrule: 5, start }, ['/period/rrule']],
    ['a start that is no day', { rrule: monthly, start: '2026-02-30' }, ['/period/start']],
    ['a start with a time', { rrule: monthly, start: '2026-11-25T00:00:00Z' }, ['/period/start']],
    ['a start that does not recur', { rrule: monthly, start: '2026-11-24' }, ['/period/start']],
    ['a start of another age', { rrule: 'FREQ=DAILY', start: '1899-12-31' }, ['/period/start']],
    ['words', { rrule: 'every month', start }, ['/period/rrule']],
    ['an end in the rule', { rrule: `${monthly};COUNT=3`, start }, ['/period/rrule']],
    ['a last day in the rule', { rrule: `${monthly};UNTIL=20271225`, start }, ['/period/rrule']],
    ['an hour in the rule', { rrule: `${monthly};BYHOUR=9`, start }, ['/period/rrule']],
    ['a rule by the hour', { rrule: 'FREQ=HOURLY', start }, ['/period/rrule']],
    ['a rule by the minute', { rrule: 'FREQ=MINUTELY', start }, ['/period/rrule']],
    ['two lines', { rrule: `DTSTART:20261125\nRRULE:${monthly}`, start }, ['/period/rrule']],
    ['a rule that never recurs', { rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', start }, ['/period/rrule']],
    ['once in a century', { rrule: 'FREQ=YEARLY;INTERVAL=100', start }, ['/period/rrule']],
    ['once in an age', { rrule: 'FREQ=DAILY;INTERVAL=999999999', start }, ['/period/rrule']],
    ['a leap day', { rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', start: '2028-02-29' }, ['/period/rrule']],
    ['600 characters', { rrule: `FREQ=DAILY;BYMONTH=${'1,'.repeat(290)}1`, start }, ['/period/rrule']],
    ['an end on the start', { start, end: start }, ['/period/end']],
    ['an end before the start', { start, end: '2026-11-24' }, ['/period/end']],
    ['an end that is no day', { start, end: 'Christmas' }, ['/period/end']],
    ['more than ten years', { start, end: '2036-12-25' }, ['/period/end']],
    ['a time that is over', { start: '2026-01-01', end: '2026-01-02' }, ['/period/end']],
    [
      'both days of another age',
      { start: '2300-01-01', end: '2300-01-02' },
      ['/period/start', '/period/end'],
    ],
  ])('refuses %s, and changes nothing', async (_name, period, pointers) => {
    const token = await service.token('malformed-periods');
    const answer = await service.post(rules, { budgetAmount: '400.00', period }, token);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual(pointers);
    const made = await service.post(rules, { budgetAmount: '400.00' }, token);
    const change = await service.put(
      `${rules}/${made.body.data.id}`,
      { budgetAmount: '500.00', period },
      token,
    );
    expect(change.status).toBe(400);
    expect(change.body.errors).toEqual(answer.body.errors);
    const after = await service.get(`${rules}/${made.body.data.id}`, token);
    expect(after.body.data).toEqual(made.body.data);
    await service.delete(`${rules}/${made.body.data.id}`, token);
  });

  test('refuses a snooze until the end of a period that has not begun', async () => {
    const token = await service.token('early');
    const period = { start: '2027-01-01', end: '2027-02-01' };
    const body = { budgetAmount: '400.00', period, snoozeUntil: 'period_end' };
    const answer = await service.post(rules, body, token);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/snoozeUntil' }] } });
    const made = await service.post(rules, { budgetAmount: '400.00', period }, token);
    const change = await service.put(`${rules}/${made.body.data.id}`, { snoozeUntil: 'period_end' }, token);
    expect(change).toMatchObject({ status: 400, body: { errors: [{ pointer: '/snoozeUntil' }] } });
  });

  test('takes a rule in small letters with its name, and shows it plainly', async () => {
    const token = await service.token('plain');
    const period = { rrule: 'rrule:freq=monthly;bymonthday=25', start };
    const answer = await service.post(rules, { budgetAmount: '400.00', period }, token);
    expect(answer).toMatchObject({
      status: 201,
      body: { data: { period: { rrule: monthly, start }, periodStart: start, periodEnd: '2026-12-25' } },
    });
  });
});
