import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { parseEvent } from '../../../src/ingest/decide/event.ts';
import { eventSchema } from '../../../src/http/schemas/event.ts';

const now = Temporal.Instant.from('2026-11-22T10:00:00Z');
const context = { tenantId: 't1', now };
const lone = '\ud800';

const data = {
  expenseId: 'exp_9',
  userId: 'u1',
  categoryId: 'groceries',
  merchant: 'WHOLEFDS #1023',
  amount: '42.10',
  currency: 'USD',
  spentAt: '2026-11-22T09:58:12Z',
};
const event = { id: 'evt_01', source: 'cards', type: 'expense.created', time: '2026-11-22T10:00:00Z', data };

const withData = (changes: object) => ({ ...event, data: { ...data, ...changes } });
const without = (name: string, from: object) =>
  Object.fromEntries(Object.entries(from).filter(([key]) => key !== name));

function read(body: unknown) {
  const parsed = parseEvent(body, context);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.event;
}

const pointers = (body: unknown) => {
  const parsed = parseEvent(body, context);
  return parsed.ok ? [] : parsed.errors.map(({ pointer }) => pointer);
};

describe('an event is accepted', () => {
  test('with every field', () => {
    const parsed = read(event);
    expect({ ...parsed, time: parsed.time.toString(), expense: null }).toEqual({
      tenantId: 't1',
      source: 'cards',
      id: 'evt_01',
      type: 'expense.created',
      time: '2026-11-22T10:00:00Z',
      sequence: null,
      expenseId: 'exp_9',
      replaces: null,
      expense: null,
    });
    expect({ ...parsed.expense, spentAt: parsed.expense?.spentAt.toString() }).toEqual({
      userId: 'u1',
      categoryId: 'groceries',
      merchant: 'WHOLEFDS #1023',
      description: null,
      amountMinor: 4210n,
      currency: 'USD',
      spentAt: '2026-11-22T09:58:12Z',
      kind: 'purchase',
      status: 'posted',
      merchantRef: null,
      mcc: null,
    });
  });

  test('with source "api" if it names none, and with the source of its webhook', () => {
    expect(read(without('source', event)).source).toBe('api');
    const parsed = parseEvent(event, { ...context, source: 'whs_1' });
    expect(parsed.ok && parsed.event.source).toBe('whs_1');
  });

  test('as deleted with only an expense id, and with other fields ignored', () => {
    const deleted = { ...event, type: 'expense.deleted' };
    expect(read({ ...deleted, data: { expenseId: 'exp_9' } }).expense).toBeNull();
    expect(read({ ...deleted, data: { ...data, amount: 1 } }).expense).toBeNull();
  });

  test.each([
    ['extension attributes', { ...event, traceparent: '00-1', subject: 's', partitionkey: { a: 1 } }],
    ['a sequence', { ...event, sequence: '0000042' }],
    ['its CloudEvents version', { ...event, specversion: '1.0' }],
    ['JSON as content type', { ...event, datacontenttype: 'application/json; charset=utf-8' }],
    ['a vendor JSON content type', { ...event, datacontenttype: 'application/vnd.acme+json' }],
    ['null for optional fields', { ...withData({ merchant: null, description: null }), source: null }],
    ['a tab and a line break in a text', withData({ description: 'a\tb\nc' })],
    ['500 characters outside the basic multilingual plane', withData({ merchant: '😀'.repeat(500) })],
    ['an id of 128 characters', { ...event, id: '😀'.repeat(128) }],
    ['a refund', withData({ amount: '-0.01' })],
    ['an amount of 15 digits', withData({ amount: '1234567890123.45' })],
    ['a currency without decimals', withData({ amount: '500', currency: 'JPY' })],
    ['a currency with three decimals', withData({ amount: '0.001', currency: 'KWD' })],
    ['a time five minutes ahead', { ...event, time: '2026-11-22T10:05:00Z' }],
    ['spending in 1900', withData({ spentAt: '1900-01-01T00:00:00Z' })],
    ['spending in 2200', withData({ spentAt: '2200-01-01T00:00:00Z' })],
  ])('with %s', (_name, body) => {
    expect(pointers(body)).toEqual([]);
    expect(Value.Check(eventSchema, without('source', body))).toBe(true);
  });

  test.each([
    ['2026-11-22T10:00:00.123456789Z', '2026-11-22T10:00:00.123456Z'],
    ['2026-11-22T10:00:00.12345678901234567890Z', '2026-11-22T10:00:00.123456Z'],
    ['2026-11-22t12:00:00+02:00', '2026-11-22T10:00:00Z'],
    ['2026-11-22t10:00:00z', '2026-11-22T10:00:00Z'],
    ['2026-11-22T10:00:00-00:00', '2026-11-22T10:00:00Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59Z'],
    ['2017-01-01T05:29:60+05:30', '2016-12-31T23:59:59Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
  ])('with the time %s, read as %s', (time, instant) => {
    expect(read({ ...event, time }).time.toString()).toBe(instant);
  });
});

describe('an event is refused', () => {
  test.each([null, 1, 'event', [], [event], true])('as %j, which is no object', (body) => {
    expect(parseEvent(body, context)).toEqual({
      ok: false,
      id: null,
      errors: [{ pointer: '', message: 'must be an object' }],
    });
  });

  const wrong: [string, unknown, string][] = [
    ...['id', 'type', 'time', 'data'].map((name): [string, unknown, string] => [
      `no ${name}`,
      without(name, event),
      `/${name}`,
    ]),
    ...['expenseId', 'userId', 'categoryId', 'amount', 'currency', 'spentAt'].map(
      (name): [string, unknown, string] => [
        `no data.${name}`,
        { ...event, data: without(name, data) },
        `/data/${name}`,
      ],
    ),
    ...['', 'a\u0000', 'a\nb', '\u0085', '\u2028', lone, 'x'.repeat(129), 7, null, {}, ['a']].flatMap(
      (id): [string, unknown, string][] => [
        [`id ${JSON.stringify(id)}`, { ...event, id }, '/id'],
        [`userId ${JSON.stringify(id)}`, withData({ userId: id }), '/data/userId'],
      ],
    ),
    ['an empty source', { ...event, source: '' }, '/source'],
    ['another version', { ...event, specversion: '0.3' }, '/specversion'],
    ['a version that is a number', { ...event, specversion: 1 }, '/specversion'],
    ['another type', { ...event, type: 'expense.removed' }, '/type'],
    ['another content type', { ...event, datacontenttype: 'text/xml' }, '/datacontenttype'],
    ['encoded data', { ...event, data_base64: 'e30=' }, '/data_base64'],
    ['data in an array', { ...event, data: [data] }, '/data'],
    ['data that is null', { ...event, data: null }, '/data'],
    ['an unknown field in data', withData({ amuont: '1' }), '/data/amuont'],
    ['a field that has to be escaped', withData({ 'a/b~c': '1' }), '/data/a~1b~0c'],
    [
      '__proto__ in data',
      JSON.parse(JSON.stringify(event).replace('"data":{', '"data":{"__proto__":{"x":1},')),
      '/data/__proto__',
    ],
    [
      'an unknown field in a deletion',
      { ...event, type: 'expense.deleted', data: { expenseId: 'e', x: 1 } },
      '/data/x',
    ],
    ...[
      '42.101',
      '1e3',
      '+1',
      ' 1',
      '1 ',
      '.5',
      '5.',
      '',
      '1,00',
      '0x10',
      'NaN',
      '1234567890123456',
      42.1,
      null,
    ].map((amount): [string, unknown, string] => [
      `amount ${JSON.stringify(amount)}`,
      withData({ amount }),
      '/data/amount',
    ]),
    ['a decimal in yen', withData({ amount: '1.0', currency: 'JPY' }), '/data/amount'],
    ...['usd', 'US', 'ZZZ', '', 840, '__proto__'].map((currency): [string, unknown, string] => [
      `currency ${JSON.stringify(currency)}`,
      withData({ currency }),
      '/data/currency',
    ]),
    ...['x'.repeat(501), '😀'.repeat(501), 'a\u0000b', lone, 5, {}].flatMap(
      (text): [string, unknown, string][] => [
        [`merchant ${JSON.stringify(text).slice(0, 20)}`, withData({ merchant: text }), '/data/merchant'],
        [
          `description ${JSON.stringify(text).slice(0, 20)}`,
          withData({ description: text }),
          '/data/description',
        ],
      ],
    ),
    ...[
      '2026-11-22',
      '2026-11-22T10:00:00',
      '2026-11-22T10:00Z',
      '20261122T100000Z',
      '2026-02-30T10:00:00Z',
      '2026-11-22T25:00:00Z',
      '2026-11-22T10:00:00+2:00',
      '2026-11-22T10:00:00.Z',
      '2026-11-22T10:00:60Z',
      '2026-11-22T10:00:00Z[UTC]',
      'yesterday',
      '',
      1_790_000_000,
      null,
    ].flatMap((instant): [string, unknown, string][] => [
      [`time ${JSON.stringify(instant)}`, { ...event, time: instant }, '/time'],
      [`spentAt ${JSON.stringify(instant)}`, withData({ spentAt: instant }), '/data/spentAt'],
    ]),
    ['a time before 1970', { ...event, time: '1969-12-31T23:59:59Z' }, '/time'],
    ['a time more than five minutes ahead', { ...event, time: '2026-11-22T10:05:00.001Z' }, '/time'],
    ['spending before 1900', withData({ spentAt: '1899-12-31T23:59:59Z' }), '/data/spentAt'],
    ['spending after 2200', withData({ spentAt: '2200-01-01T00:00:01Z' }), '/data/spentAt'],
  ];

  test.each(wrong)('with %s', (_name, body, pointer) => {
    expect(pointers(body)).toEqual([pointer]);
  });

  test('with a pointer to every wrong value, in the order of the event', () => {
    const body = {
      ...event,
      id: '',
      time: 'x',
      data: { ...data, amount: 'x', currency: 'x', spentAt: 'x', y: 1 },
    };
    expect(pointers(body)).toEqual([
      '/id',
      '/time',
      '/data/currency',
      '/data/amount',
      '/data/spentAt',
      '/data/y',
    ]);
  });

  test('under its own id if that can be read', () => {
    expect(parseEvent(withData({ amount: 'x' }), context)).toMatchObject({ ok: false, id: 'evt_01' });
    expect(parseEvent({ ...event, id: lone }, context)).toMatchObject({ ok: false, id: null });
  });

  test('with at most twenty unknown fields named', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, 1]));
    expect(pointers(withData(many))).toHaveLength(20);
  });
});

test('the event reader refuses everything that the documented schema refuses', () => {
  const parts: [string, unknown][] = [
    ['time', 5],
    ['id', ''],
    ['type', 'x'],
    ['data', {}],
    ['specversion', '2'],
  ];
  for (const [name, value] of parts) {
    expect(Value.Check(eventSchema, { ...event, [name]: value })).toBe(false);
    expect(pointers({ ...event, [name]: value })).not.toEqual([]);
  }
  expect(Value.Check(eventSchema, withData({ amount: 42.1 }))).toBe(false);
  expect(Value.Check(eventSchema, withData({ x: 1 }))).toBe(false);
});
