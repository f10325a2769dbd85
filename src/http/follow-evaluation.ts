/** What follows when a request has opened or closed levels: counted, and whoever is to be told is told. */
import { notifications } from '../contracts/index.ts';
import type { Evaluated } from '../db/queries/write-evaluations.ts';
import type { HttpDependencies } from './dependencies.ts';

/** After the commit. */
export async function followEvaluation(
  { queues, metrics }: Pick<HttpDependencies, 'queues' | 'metrics'>,
  { outcomes, notifications: told }: Evaluated,
  correlationId: string,
): Promise<void> {
  for (const outcome of outcomes) metrics.decisions.inc({ outcome });
  const payloads = told.map((ref) => ({ ...ref, correlationId }));
  await queues.ring(notifications, payloads);
}
