/**
 * Finds committed but unfinished work, oldest first, to enqueue it again. Each statement reads a partial index of
 * unfinished rows only. It returns at most `unfinishedLimit` rows; for deliveries the limit is per channel.
 */
import { sql as statement } from 'kysely';
import { machineNow } from '../runtime/clock.ts';
import type { Sql } from '../runtime/database/database.ts';
import type { Asked } from '../accounts/address-confirmations.ts';
import { clocksDiffer } from './cron-slots.ts';
import { runDiesAfter, runWaits } from './job-runs.ts';
import type { JobSlot } from './claim-slots.ts';
import { waitsForOthers } from '../notify/sql/read-group-end.ts';
import { type ProfileRow, toProfileRef } from '../alerts/evaluate/mark-stale-profiles.ts';
import { type AddressChannel, channels } from '../values/channels.ts';
import type { ProfileRef } from '../values/refs.ts';

const unfinishedLimit = 2000;
/** Of each channel with a provider: whoever sends on it finds the rest in the table. */
const externalLimit = 200;

type UnfinishedBatch = { batchIds: string[]; tenantIds: string[]; events: number };

/**
 * Batches received before `before` and not applied, each with all the tenants for which it is not applied. A job's id
 * is its batch, so a batch must not be split over two jobs. Rides on `event_batches_pending`.
 */
export async function findUnfinishedBatches(
  sql: Sql,
  tenantIds: readonly string[],
  before: Temporal.Instant,
): Promise<UnfinishedBatch[]> {
  type Row = { id: string; tenant_ids: string[]; events: number };
  const { rows } = await statement<Row>`
    select id, array_agg(tenant_id order by tenant_id)::text[] as tenant_ids, sum(event_count)::int as events
    from event_batches
    where tenant_id = any(${tenantIds}::uuid[]) and applied_at is null and received_at < ${before.toString()}
    group by id
    order by min(received_at), id
    limit ${unfinishedLimit}`.execute(sql);
  return rows.map((row) => ({ batchIds: [row.id], tenantIds: row.tenant_ids, events: row.events }));
}

type UnfinishedNotification = { tenantId: string; notificationId: string };

/**
 * Pending notifications written before `before` and not decided: those without a delivery. Decided ones may wait
 * hours for a channel that is away, and must not crowd these out. And alerts whose wait for others ended before. Rides on
 * `notification_history_pending`, `notification_deliveries_channel` and `notification_history_held`.
 */
export async function findUnfinishedNotifications(
  sql: Sql,
  tenantIds: readonly string[],
  before: Temporal.Instant,
): Promise<UnfinishedNotification[]> {
  type Row = { tenant_id: string; id: string };
  const { rows } = await statement<Row>`
    (
      select n.tenant_id, n.id
      from notification_history n
      where n.tenant_id = any(${tenantIds}::uuid[]) and n.status = 'pending'
        and n.created_at < ${before.toString()}
        and not exists (
          select from notification_deliveries d where d.tenant_id = n.tenant_id and d.notification_id = n.id
        )
      order by n.created_at, n.id
      limit ${unfinishedLimit}
    ) union all (
      select n.tenant_id, n.id
      from notification_history n
      where n.tenant_id = any(${tenantIds}::uuid[]) and ${waitsForOthers} and n.until < ${before.toString()}
      order by n.until, n.id
      limit ${unfinishedLimit}
    )`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, notificationId: row.id }));
}

type UnfinishedDelivery = { tenantId: string; deliveryId: string; channel: string; rank: number };

/**
 * Deliveries in `pending` or `sending`, unchanged since `before`; those never tried come first, by rank. The limit is per
 * channel, so that one that is away does not hide the others. Rides on `notification_deliveries_unfinished`.
 */
export async function findUnfinishedDeliveries(
  sql: Sql,
  tenantIds: readonly string[],
  before: Temporal.Instant,
): Promise<UnfinishedDelivery[]> {
  type Row = { tenant_id: string; id: string; channel: string; rank: number };
  const { rows } = await statement<Row>`
    select unfinished.tenant_id, unfinished.id, unfinished.channel, unfinished.rank
    from unnest(${[...channels]}::text[]) as named (channel)
    cross join lateral (
      select d.tenant_id, d.id, d.channel, d.rank
      from notification_deliveries d
      where d.tenant_id = any(${tenantIds}::uuid[]) and d.status in ('pending', 'sending')
        and d.changed_at < ${before.toString()} and d.channel = named.channel
      order by d.failure_reason is not null, d.rank, d.changed_at, d.id
      limit case named.channel when 'in-app' then ${unfinishedLimit}::int else ${externalLimit}::int end
    ) unfinished`.execute(sql);
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    deliveryId: row.id,
    channel: row.channel,
    rank: row.rank,
  }));
}

/**
 * Messages about addresses that wait for a confirmation, not sent and unchanged since `before`. Those whose link has expired
 * are left out. Rides on `address_confirmations_unfinished`.
 */
export async function findUnfinishedConfirmations(
  sql: Sql,
  tenantIds: readonly string[],
  before: Temporal.Instant,
): Promise<Asked[]> {
  type Row = { tenant_id: string; id: string; channel: AddressChannel };
  const { rows } = await statement<Row>`
    select tenant_id, id, channel
    from address_confirmations
    where tenant_id = any(${tenantIds}::uuid[]) and status in ('pending', 'sending') and address is not null
      and changed_at < ${before.toString()} and expires_at > ${machineNow().toString()}
    order by changed_at, id
    limit ${unfinishedLimit}`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, confirmationId: row.id, channel: row.channel }));
}

/** Profiles that became stale before `before` and were not rebuilt. Rides on `stale_profiles_since`. */
export async function findUnfinishedProfiles(
  sql: Sql,
  tenantIds: readonly string[],
  before: Temporal.Instant,
): Promise<ProfileRef[]> {
  const { rows } = await statement<ProfileRow>`
    select tenant_id, id
    from stale_profiles
    where tenant_id = any(${tenantIds}::uuid[]) and since < ${before.toString()}
    order by since, id
    limit ${unfinishedLimit}`.execute(sql);
  return rows.map(toProfileRef);
}

/**
 * Runs of scheduled jobs that have died, or that no worker has begun. A change from a time to come, by a clock that was
 * ahead, says neither. Rides on `job_runs_unfinished`.
 */
export async function findUnfinishedRuns(sql: Sql, now: Temporal.Instant): Promise<JobSlot[]> {
  const { rows } = await statement<{ job: string; slot: string }>`
    select job, slot
    from job_runs
    where status in ('queued', 'running') and (
      changed_at <= ${now.subtract(runDiesAfter).toString()}
      or changed_at <= ${now.subtract(runWaits).toString()} and status = 'queued'
      or changed_at > ${now.add(clocksDiffer).toString()}
    )
    order by changed_at, job, slot
    limit ${unfinishedLimit}`.execute(sql);
  return rows.map(({ job, slot }) => ({ job, slot: Temporal.Instant.from(slot) }));
}
