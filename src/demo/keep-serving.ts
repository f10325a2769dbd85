/** Keeps the service running after the replay: the clock continues from its time, and scheduled jobs run with it. */
import type { DemoService } from './demo-service.ts';

const tickEveryMs = 2_000;

/** Calls `onTick` after each tick. Resolves when `signal` is aborted and the current tick has ended. */
export async function keepServing(
  service: DemoService,
  signal: AbortSignal,
  onTick: () => Promise<void>,
): Promise<void> {
  const start = service.clock.now();
  const from = performance.now();
  let ticking = Promise.resolve();
  const tick = async (): Promise<void> => {
    service.clock.moveTo(start.add({ milliseconds: Math.floor(performance.now() - from) }));
    await service.scheduler.tick();
    await onTick();
  };
  const timer = setInterval(() => {
    ticking = ticking.then(tick).catch((err: unknown) => {
      service.services.log.error({ err }, 'a tick failed');
    });
  }, tickEveryMs);
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  await promise;
  clearInterval(timer);
  await ticking;
}
