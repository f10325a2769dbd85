/** What follows when a request has moved sums: levels counted, whoever is to be told told, profiles made anew. */
import type { Evaluated } from '../alerts/evaluate/write-evaluations.ts';
import type { HttpDependencies } from './dependencies.ts';
import { notifications } from '../notify/queue.ts';
import { recommendations } from '../insight/queue.ts';

/** After the commit. */
export async function followEvaluation(
  { queues, metrics }: Pick<HttpDependencies, 'queues' | 'metrics'>,
  { outcomes, notifications: told, profiles = [] }: Evaluated,
  correlationId: string,
): Promise<void> {
  for (const outcome of outcomes) metrics.decisions.inc({ outcome });
  const payloadOf = <Ref>(ref: Ref) => ({ ...ref, correlationId });
  await queues.enqueue(notifications, told.map(payloadOf));
  await queues.enqueue(recommendations, profiles.map(payloadOf));
}
