/**
 * Follows up a request that changed sums. It counts the decisions, and enqueues the notifications and the
 * profiles to rebuild.
 */
import type { Evaluated } from '../alerts/evaluate/write-evaluations.ts';
import type { HttpDependencies } from './dependencies.ts';
import { notifications } from '../notify/queue.ts';
import { recommendations } from '../insight/queue.ts';

/** Must run after the commit. */
export async function followEvaluation(
  { queues, metrics }: Pick<HttpDependencies, 'queues' | 'metrics'>,
  { outcomes, notifications: pending, profiles = [] }: Evaluated,
  correlationId: string,
): Promise<void> {
  for (const outcome of outcomes) metrics.decisions.inc({ outcome });
  const payloadOf = <Ref>(ref: Ref) => ({ ...ref, correlationId });
  await queues.enqueue(notifications, pending.map(payloadOf));
  await queues.enqueue(recommendations, profiles.map(payloadOf));
}
