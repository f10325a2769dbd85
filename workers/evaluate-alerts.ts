/**
 * Evaluates committed batches of events, and rings for the notifications that came of it, and for the profiles
 * that no longer hold.
 *
 * A crash before the commit leaves the batches pending: the job is run again, or `sweep-pending` rings. A
 * crash between the commit and the rings leaves notifications pending and profiles stale: the job, run again,
 * rings for what it finds undecided, or the same sweep does, as it does for the profiles.
 */
import type { Payload } from '../src/contracts/contract.ts';
import { expenseEvents, type notifications, type recommendations } from '../src/contracts/index.ts';
import { done, type Outcome, skip } from '../src/contracts/outcome.ts';
import type { Handler } from '../src/queue/consume.ts';

type NotificationRef = { tenantId: string; notificationId: string };
type ProfileRef = { tenantId: string; profileId: string };

export type EvaluateAlertsDependencies = {
  /** `events` is 0 where the batches were applied before. */
  evaluate(batches: { batchIds: readonly string[]; tenantIds: readonly string[] }): Promise<{
    notifications: readonly NotificationRef[];
    profiles: readonly ProfileRef[];
    outcomes: readonly string[];
    events: number;
    failed: number;
    receivedAt: Temporal.Instant;
  }>;
  /** Notifications of these tenants that nobody has decided yet. */
  findUndecided(tenantIds: readonly string[]): Promise<readonly NotificationRef[]>;
  ring(payloads: readonly Payload<typeof notifications>[]): Promise<void>;
  ringProfiles(payloads: readonly Payload<typeof recommendations>[]): Promise<void>;
  /** Counts decisions by their outcome, and how long the events waited. */
  observe(result: { outcomes: readonly string[]; receivedAt: Temporal.Instant }): void;
};

export const evaluateAlerts =
  (dependencies: EvaluateAlertsDependencies): Handler<(typeof expenseEvents)['schema']> =>
  async (batches, { log, isRepeat }): Promise<Outcome> => {
    const result = await dependencies.evaluate(batches);
    const left = isRepeat ? await dependencies.findUndecided(batches.tenantIds) : [];
    const told = [...result.notifications, ...left];
    const correlationId = expenseEvents.jobId(batches);
    await dependencies.ring(told.map((ref) => ({ ...ref, correlationId })));
    await dependencies.ringProfiles(rungFor(result.profiles).map((ref) => ({ ...ref, correlationId })));
    if (result.events === 0) return skip('applied before');
    dependencies.observe(result);
    if (result.failed > 0) log.error({ failed: result.failed }, 'events could not be applied');
    return done(`${result.events} events, ${result.outcomes.length} decisions, ${result.failed} failed`);
  };

/** Of a tenant. Beyond them every so many: a rebuild takes along twice that of those who wait. */
const rungOneByOne = 10;

/** What the rebuilds of the others pass over all the same, `sweep-pending` finds. */
const rungFor = (profiles: readonly ProfileRef[]): ProfileRef[] =>
  [...Map.groupBy(profiles, ({ tenantId }) => tenantId).values()].flatMap((ofTenant) =>
    ofTenant.filter((_, place) => place < rungOneByOne || place % rungOneByOne === 0),
  );
