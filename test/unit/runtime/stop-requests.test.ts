import { expect, test, vi } from 'vitest';
import { StopRequests } from '../../../src/runtime/stop-requests.ts';

test('two signals of one Ctrl-C are one request to stop, and a later one asks again', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const stops = new StopRequests();
    expect(stops.isStopping).toBe(false);
    expect([stops.add(), stops.isStopping]).toEqual(['first', true]);
    vi.advanceTimersByTime(200);
    expect(stops.add()).toBe('same');
    vi.advanceTimersByTime(1_000);
    expect(stops.add()).toBe('again');
  } finally {
    vi.useRealTimers();
  }
});
