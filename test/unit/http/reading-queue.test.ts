/** Who is read next for live streams: signalled people at once, and everybody in rounds. */
import { expect, test } from 'vitest';
import { ReadingQueue } from '../../../src/http/stream/reading-queue.ts';

const peopleOf = (count: number) =>
  new Map(Array.from({ length: count }, (_, number) => [`t p${number}`, null]));

/** A queue whose first rounds are over at `0`. */
function settled(people: ReadonlyMap<string, unknown>): ReadingQueue {
  const queue = new ReadingQueue(people);
  for (let look = 0; look <= 2 * people.size; look += 1) queue.take(-1, true);
  return queue;
}

/** What is taken in looks of 100 ms, from after `fromMs` until `untilMs`. */
function takenIn(queue: ReadingQueue, [fromMs, untilMs]: [number, number], isHearing: boolean) {
  const notifications: string[] = [];
  const spending: string[] = [];
  for (let nowMs = fromMs + 100; nowMs <= untilMs; nowMs += 100) {
    const taken = queue.take(nowMs, isHearing);
    notifications.push(...taken.notifications);
    spending.push(...taken.spending);
  }
  return { notifications, spending };
}

test('a signalled person is read at the next look, and once', () => {
  const queue = settled(peopleOf(3));
  expect(queue.addNotification('t p1')).toBe(true);
  queue.addSpending('t p2');
  expect(queue.take(1, true)).toEqual({
    notifications: new Set(['t p1']),
    spending: new Set(['t p2']),
    isMore: false,
  });
  expect(queue.take(2, true)).toEqual({ notifications: new Set(), spending: new Set(), isMore: false });
});

test('a person without a stream is not read', () => {
  const queue = settled(peopleOf(1));
  expect(queue.addNotification('t stranger')).toBe(false);
  queue.addSpending('t stranger');
  expect(queue.take(1, true)).toMatchObject({ notifications: new Set(), spending: new Set() });
});

test('spending is read at most once a second for each person, and at once for a new stream', () => {
  const queue = settled(peopleOf(2));
  queue.addSpending('t p0');
  expect(queue.take(100, true).spending).toEqual(new Set(['t p0']));
  queue.addSpending('t p0');
  queue.addSpending('t p1');
  expect(queue.take(200, true).spending).toEqual(new Set(['t p1']));
  expect(queue.take(1_099, true).spending).toEqual(new Set());
  expect(queue.take(1_100, true).spending).toEqual(new Set(['t p0']));
  queue.addBegun('t p0');
  expect(queue.take(1_101, true)).toMatchObject({
    notifications: new Set(['t p0']),
    spending: new Set(['t p0']),
  });
});

test('many are read in several queries without a wait, and nobody is left out', () => {
  const people = peopleOf(600);
  const queue = settled(people);
  for (const key of people.keys()) queue.addNotification(key);
  const takes = [1, 2, 3].map((nowMs) => queue.take(nowMs, true));
  expect(takes.map(({ notifications: { size }, isMore }) => [size, isMore])).toEqual([
    [250, true],
    [250, true],
    [100, false],
  ]);
});

test('while signals are heard, everybody’s notifications are read in ten seconds and their spending in a minute', () => {
  const people = peopleOf(1_000);
  const { notifications, spending } = takenIn(settled(people), [0, 120_000], true);
  expect(new Set(spending)).toEqual(new Set(people.keys()));
  expect(spending.length).toBeLessThanOrEqual(2_000);
  expect(notifications.length).toBeGreaterThan(10_000);
  expect(notifications.length).toBeLessThanOrEqual(12_000);
});

test('a round spreads its people evenly', () => {
  const queue = settled(peopleOf(1_000));
  const sizes = Array.from(
    { length: 50 },
    (_, look) => queue.take(10_000 + 100 * look, true).notifications.size,
  );
  expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
});

test('while no signal is heard, everybody is read in a second or two', () => {
  const people = peopleOf(200);
  const { notifications, spending } = takenIn(settled(people), [0, 3_000], false);
  expect([new Set(notifications).size, new Set(spending).size]).toEqual([200, 200]);
  expect(notifications.length).toBeGreaterThanOrEqual(400);
});

test('after a loss everybody is read at once', () => {
  const queue = settled(peopleOf(400));
  queue.hurry();
  expect(queue.take(1, true)).toMatchObject({ isMore: true });
  expect(queue.take(2, true).notifications.size).toBe(150);
});

test('after a slow query a round rests four times as long, and signalled people do not wait', () => {
  const queue = new ReadingQueue(peopleOf(10));
  queue.rest(0, 1_000);
  queue.addNotification('t p3');
  expect(queue.take(1_500, false).notifications).toEqual(new Set(['t p3']));
  expect(queue.take(4_999, false).notifications).toEqual(new Set());
  expect(queue.take(5_000, false).notifications.size).toBeGreaterThan(0);
});

test('people who leave and come meanwhile do not disturb a round', () => {
  const people = peopleOf(100);
  const queue = settled(people);
  const taken: string[] = [];
  for (let look = 0; look < 120; look += 1) {
    taken.push(...queue.take(20_000 + 100 * look, true).notifications);
    if (look === 10) people.delete('t p90');
    if (look === 10) people.set('t new', null);
  }
  expect(taken).toContain('t new');
  expect(taken).toContain('t p89');
  expect(taken).not.toContain('t p90');
});
