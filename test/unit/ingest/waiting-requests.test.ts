/** Tenants take turns in the inbox, and one who floods leaves room for others. */
import { expect, test } from 'vitest';
import type { IncomingEvent } from '../../../src/ingest/decide/event.ts';
import { largeRequest, type Request, WaitingRequests } from '../../../src/ingest/waiting-requests.ts';

const requestOf = (tenantId: string, events: number): Request => ({
  tenantId,
  // Only their number matters.
  events: Array.from({ length: events }, () => ({}) as IncomingEvent),
});

function fill(waiting: WaitingRequests<Request>, tenantId: string, size: number): number {
  let taken = 0;
  for (; waiting.hasRoom(tenantId, size); taken += size) waiting.add(requestOf(tenantId, size));
  return taken;
}

const tenants = (requests: readonly Request[]): string => requests.map(({ tenantId }) => tenantId).join('');

test('a tenant alone may fill the whole', () => {
  const waiting = new WaitingRequests(100);
  expect(fill(waiting, 'a', 10)).toBe(100);
  expect(waiting.hasRoom('a', 1)).toBe(false);
});

test('another tenant gets in even if the first has filled it, and has the next turn', () => {
  const waiting = new WaitingRequests(100);
  fill(waiting, 'a', 10);
  expect(waiting.hasRoom('b', 10)).toBe(true);
  waiting.add(requestOf('b', 10));
  expect(tenants(waiting.take(30))).toBe('aba');
});

test('while another has events waiting, a tenant may fill half of the rest', () => {
  const waiting = new WaitingRequests(100);
  waiting.add(requestOf('b', 20));
  expect(fill(waiting, 'a', 5)).toBe(40);
});

test('the bound on all together is twice the whole', () => {
  const waiting = new WaitingRequests(100);
  fill(waiting, 'a', 10);
  const taken = Array.from({ length: 30 }, (_, number) => `t${number}`).filter((tenantId) => {
    const hasRoom = waiting.hasRoom(tenantId, 10);
    if (hasRoom) waiting.add(requestOf(tenantId, 10));
    return hasRoom;
  });
  expect(taken).toHaveLength(10);
});

test('tenants take turns with one request each, in the order of their own requests', () => {
  const waiting = new WaitingRequests(1_000);
  const [first, second] = [requestOf('a', 1), requestOf('a', 2)];
  for (const request of [
    first,
    second,
    requestOf('a', 3),
    requestOf('b', 1),
    requestOf('c', 1),
    requestOf('b', 1),
  ])
    waiting.add(request);
  const taken = waiting.take(100);
  expect(tenants(taken)).toBe('abcaba');
  expect(taken.filter(({ tenantId }) => tenantId === 'a')).toEqual([first, second, expect.anything()]);
  expect(waiting.take(100)).toEqual([]);
});

test('large requests and small ones are not taken together, and keep their order', () => {
  const waiting = new WaitingRequests(10_000);
  const large = largeRequest;
  for (const [tenantId, events] of [
    ['a', large],
    ['b', 1],
    ['c', large],
    ['a', 2],
    ['a', large],
    ['b', large],
  ] as const)
    waiting.add(requestOf(tenantId, events));
  const sizes = () => waiting.take(2_000).map(({ tenantId, events }) => `${tenantId}${events.length}`);
  expect(sizes()).toEqual([`a${large}`, `c${large}`]);
  expect(sizes()).toEqual(['b1', 'a2']);
  expect(sizes()).toEqual([`b${large}`, `a${large}`]);
});

test('a tenant with a running commit has no turn', () => {
  const waiting = new WaitingRequests(100);
  for (const tenantId of ['a', 'b', 'a', 'c']) waiting.add(requestOf(tenantId, 1));
  expect(tenants(waiting.take(100, new Set(['a'])))).toBe('bc');
  expect(tenants(waiting.take(100))).toBe('aa');
});

test('a request larger than a commit is taken alone', () => {
  const waiting = new WaitingRequests(1_000);
  for (const events of [50, 200, 50]) waiting.add(requestOf('a', events));
  expect(waiting.take(100).map(({ events }) => events.length)).toEqual([50]);
  expect(waiting.take(100).map(({ events }) => events.length)).toEqual([200]);
  expect(waiting.take(100).map(({ events }) => events.length)).toEqual([50]);
});

test('events count until they have ended, in a commit too', () => {
  const waiting = new WaitingRequests(10);
  const request = requestOf('a', 10);
  waiting.add(request);
  waiting.take(100);
  expect(waiting.hasRoom('a', 1)).toBe(false);
  waiting.end(request);
  expect(waiting.hasRoom('a', 10)).toBe(true);
});
