/**
 * Evaluates committed batches of events, and rings for the notifications that came of it.
 *
 * A crash before the commit leaves the batches pending: the job is run again, or `sweep-pending` rings. A
 * crash between the commit and the ring leaves notifications pending: the job, run again, rings for what it
 * finds undecided, or the same sweep does.
 */
import type { Payload } from '../src/contracts/contract.ts';
import { expenseEvents, type notifications } from '../src/contracts/index.ts';
import { done, type Outcome, skip } from '../src/contracts/outcome.ts';
import type { Handler } from '../src/queue/consume.ts';

type NotificationRef = { tenantId: string; notificationId: string };

export type EvaluateAlertsDependencies = {
  /** `events` is 0 where the batches were applied before. */
  evaluate(batches: { batchIds: readonly string[]; tenantIds: readonly string[] }): Promise<{
    notifications: readonly NotificationRef[];
    outcomes: readonly string[];
    events: number;
    failed: number;
    receivedAt: Temporal.Instant;
  }>;
  /** Notifications of these tenants that nobody has decided yet. */
  findUndecided(tenantIds: readonly string[]): Promise<readonly NotificationRef[]>;
  ring(payloads: readonly Payload<typeof notifications>[]): Promise<void>;
  /** Counts decisions by their outcome, and how long the events waited. */
  observe(result: { outcomes: readonly string[]; receivedAt: Temporal.Instant }): void;
};

export const evaluateAlerts =
  (dependencies: EvaluateAlertsDependencies): Handler<(typeof expenseEvents)['schema']> =>
  async (batches, { log, isRepeat }): Promise<Outcome> => {
    const result = await dependencies.evaluate(batches);
    const told = isRepeat ? await dependencies.findUndecided(batches.tenantIds) : result.notifications;
    const correlationId = expenseEvents.jobId(batches);
    await dependencies.ring(told.map((ref) => ({ ...ref, correlationId })));
    if (result.events === 0) return skip('applied before');
    dependencies.observe(result);
    if (result.failed > 0) log.error({ failed: result.failed }, 'events could not be applied');
    return done(`${result.events} events, ${result.outcomes.length} decisions, ${result.failed} failed`);
  };
