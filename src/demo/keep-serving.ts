/** After the replay: the clock runs on from where it stands, and the scheduled jobs with it, until it is ended. */
import type { DemoService } from './demo-service.ts';

const tickEveryMs = 2_000;

/** Resolves when `signal` is aborted and no tick is under way. */
export async function keepServing(service: DemoService, signal: AbortSignal): Promise<void> {
  const stands = service.clock.now();
  const from = performance.now();
  let ticking = Promise.resolve();
  const tick = async (): Promise<void> => {
    service.clock.moveTo(stands.add({ milliseconds: Math.floor(performance.now() - from) }));
    await service.scheduler.tick();
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
