/** What follows when a request has moved sums: levels counted, whoever is to be told told, profiles made anew. */
import { notifications, recommendations } from '../contracts/index.ts';
import type { Evaluated } from '../db/queries/write-evaluations.ts';
import type { HttpDependencies } from './dependencies.ts';

/** After the commit. */
export async function followEvaluation(
  { queues, metrics }: Pick<HttpDependencies, 'queues' | 'metrics'>,
  { outcomes, notifications: told, profiles = [] }: Evaluated,
  correlationId: string,
): Promise<void> {
  for (const outcome of outcomes) metrics.decisions.inc({ outcome });
  const payloadOf = <Ref>(ref: Ref) => ({ ...ref, correlationId });
  await queues.ring(notifications, told.map(payloadOf));
  await queues.ring(recommendations, profiles.map(payloadOf));
}
