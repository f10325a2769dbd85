/** What a scheduled job is, and what it may use: everything that acts arrives as a function. */
import type { Contract, Payload } from '../src/contracts/contract.ts';
import type { Outcome } from '../src/contracts/outcome.ts';
import type { Schedule } from '../src/domain/slots.ts';
import type { JobContext } from '../src/queue/consume.ts';

/** A job may run late, and again for the same slot: what it does twice must come out as if done once. */
export type ScheduledJob = Schedule & {
  /** One line for operators. */
  about: string;
  run(slot: Temporal.Instant, deps: JobDependencies, context: JobContext): Promise<Outcome>;
};

type NotificationRef = { tenantId: string; notificationId: string };
type DeliveryRef = { tenantId: string; deliveryId: string; channel: string };
type ProfileRef = { tenantId: string; profileId: string };
type PersonRef = { tenantId: string; userId: string };

type Ring = <C extends Contract>(contract: C, payloads: readonly Payload<C>[]) => Promise<void>;

/** A difference between a kept sum and the expenses; ids and figures only, as it is logged. */
type Difference = { kind: string; userId: string };

export type JobDependencies = {
  now(): Temporal.Instant;
  /** Measures at most `limit` rules whose next period has begun; `rules` is how many it found. */
  openPeriods(limit: number): Promise<{ rules: number; notifications: NotificationRef[] }>;
  /** Settles at most `limit` levels held back by a cooldown that has ended; `levels` is how many. */
  endDueCooldowns(limit: number): Promise<{ levels: number; notifications: NotificationRef[] }>;
  listTenants(): Promise<string[]>;
  findUnfinishedBatches(
    tenantIds: readonly string[],
    before: Temporal.Instant,
  ): Promise<{ batchIds: string[]; tenantIds: string[]; events: number }[]>;
  findUnfinishedNotifications(
    tenantIds: readonly string[],
    before: Temporal.Instant,
  ): Promise<NotificationRef[]>;
  findUnfinishedDeliveries(tenantIds: readonly string[], before: Temporal.Instant): Promise<DeliveryRef[]>;
  findUnfinishedProfiles(tenantIds: readonly string[], before: Temporal.Instant): Promise<ProfileRef[]>;
  /** Marks the profiles whose month is over, of at most `limit` people; `people` is how many it found. */
  markDueProfiles(limit: number): Promise<{ people: number; profiles: ProfileRef[] }>;
  /** At most `limit`; answers how many. */
  expireRecommendations(limit: number): Promise<number>;
  /** At most `limit` of a tenant; answers how many. */
  measureRecommendations(tenantId: string, limit: number): Promise<number>;
  /** Looks again at what was held and is due, of at most `limit` people; `people` is how many it found. */
  wakeDeferred(limit: number): Promise<{ people: number; unsent: DeliveryRef[] }>;
  /** Makes the daily and weekly summaries that are due, of at most `limit` people; `people` is how many it found. */
  sendDigests(limit: number): Promise<{ people: number; unsent: DeliveryRef[] }>;
  compareSpending(tenantId: string): Promise<Difference[]>;
  rebuildSpending(people: readonly PersonRef[]): Promise<{ notifications: NotificationRef[] }>;
  /** Of at most `limit` batches applied and received before `before`. */
  deleteOldEvents(
    tenantId: string,
    before: Temporal.Instant,
    limit: number,
  ): Promise<{ batches: number; events: number }>;
  /** Of days that were over everywhere at `before`. */
  deleteOldInterruptions(tenantId: string, before: Temporal.Instant): Promise<void>;
  /** Answers how many. */
  deleteOldRuns(before: Temporal.Instant): Promise<number>;
  /** Of the month that begins on `month`; answers how many benchmarks were made, or made anew. */
  computeBenchmarks(tenantId: string, month: string): Promise<number>;
  ring: Ring;
  /** For what may have been rung for before. */
  ringAgain: Ring;
};
