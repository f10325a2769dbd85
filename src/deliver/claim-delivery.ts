/**
 * Claims a delivery for sending by compare-and-set, so that one of several workers succeeds. The same statement reads
 * the current settings of its person and rules, for the recheck at claim. For a delivery that waited it also reads what it
 * is about.
 */
import { type RawBuilder, sql as statement } from 'kysely';
import { addressDigest } from '../accounts/address-digest.ts';
import { type ClaimedState, recheckAtClaim, type Withheld } from '../notify/decide/recheck-at-claim.ts';
import type {
  Claim,
  ClaimedDelivery,
  WaitingNotification,
  PushSubscription,
  Addresses,
} from './decide/delivery.ts';
import { anomaliesIn, type Message, type NotificationContent, shownOn } from '../notify/decide/content.ts';
import type { MessageRecipient } from '../notify/decide/policy.ts';
import { recheck, type Rechecked } from '../notify/decide/recheck.ts';
import { waitsForOthers } from '../notify/sql/read-group-end.ts';
import { toWaited, waitedRow, type WaitedRow } from '../notify/sql/waited-row.ts';
import { defaultLocale } from '../values/locale.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import {
  preferencesColumns,
  type PreferencesRow,
  ruleSettings,
  type RuleSettingsRow,
  toPreferences,
  toRuleSettings,
} from '../notify/sql/policy-row.ts';
import type { DeliveryStatus, NotificationStatus, NotificationType } from '../values/statuses.ts';
import { highestSeverity, type Severity } from '../values/severity.ts';
import type { Channel } from '../values/channels.ts';
import type { DeliveryRef } from '../values/refs.ts';

/**
 * Claims a pending delivery or, with `abandonedAttempt`, one that this attempt left in `sending`. If neither is
 * there, returns the delivery's state.
 */
export const claimDelivery = (
  db: Database,
  ref: DeliveryRef,
  now: Temporal.Instant,
  abandonedAttempt: number | null = null,
): Promise<Claim> =>
  db.transaction([ref.tenantId], async (sql) => {
    const row = await claim(sql, ref.tenantId, statement`${ref.deliveryId}`, now, abandonedAttempt);
    return row ? claimedOf(ref.tenantId, row, abandonedAttempt !== null, now) : readState(sql, ref, now);
  });

/** Claims the tenant's most urgent delivery on a channel that has not been tried yet. Null if there is none. */
export const claimNextDelivery = (
  db: Database,
  tenantId: string,
  channel: Channel,
  now: Temporal.Instant,
): Promise<ClaimedOne | null> =>
  db.transaction([tenantId], async (sql) => {
    const row = await claim(sql, tenantId, mostUrgent(tenantId, channel), now, null);
    return row ? claimedOf(tenantId, row, false, now) : null;
  });

export type ClaimedOne = Extract<Claim, { kind: 'claimed' }>;

/** Rides on `notification_deliveries_waiting`. Those that another claim holds are skipped. */
const mostUrgent = (tenantId: string, channel: Channel) => statement`(
  select w.id
  from notification_deliveries w
  where w.tenant_id = ${tenantId} and w.channel = ${channel} and w.status = 'pending' and w.failure_reason is null
  order by w.rank, w.changed_at, w.id
  limit 1
  for update skip locked
)`;

function claimedOf(tenantId: string, row: Row, mayHaveGone: boolean, now: Temporal.Instant): ClaimedOne {
  const rechecked = recheckContent(row);
  const content = rechecked?.reason === null ? rechecked.content : null;
  const alerts = content && 'alerts' in content ? [...content.alerts, ...anomaliesIn(content)] : [];
  const severity = alerts.length > 0 ? highestSeverity(alerts) : row.severity;
  const state = { severity, stale: rechecked?.reason ?? null, mayHaveGone };
  return {
    kind: 'claimed',
    delivery: toDelivery(tenantId, row),
    withheld: recheckSettings(row, state, now),
    renewed: content && { content, recipient: toReader(tenantId, row) },
  };
}

/** Rechecks the part that the channel shows. Null if the delivery did not wait. */
function recheckContent({ channel, waiting }: Row): Rechecked | null {
  if (!waiting?.told || channel === 'in-app') return null;
  const { told } = waiting;
  const { subjects, ...others } = toWaited(waiting.waited);
  const isShown = (index: number): boolean =>
    !('alerts' in told) || (told.alerts[index]?.channels.includes(channel) ?? false);
  return recheck(shownOn(told, channel), {
    ...others,
    subjects: subjects.filter((_, index) => isShown(index)),
  });
}

const toReader = (tenantId: string, row: Row): MessageRecipient => ({
  tenantId,
  userId: row.user_id,
  locale: row.locale ?? defaultLocale,
  timeZone: row.timezone,
  unsubscribeKey: row.unsubscribe_key,
  tenantName: row.tenant_name,
});

type Row = PreferencesRow & {
  id: string;
  user_id: string;
  notification_id: string;
  channel: Channel;
  message: Message;
  type: NotificationType;
  severity: Severity;
  level: number | null;
  attempts: number;
  name: string | null;
  email: string | null;
  phone: string | null;
  subscriptions: PushSubscription[] | null;
  notification_status: NotificationStatus;
  until: string | null;
  is_digest: boolean;
  rules: RuleSettingsRow[] | null;
  locale: string | null;
  unsubscribe_key: string;
  tenant_name: string;
  /** Null if the delivery did not wait. */
  waiting: { told: NotificationContent | null; waited: WaitedRow } | null;
};

/** A delivery that is claimed later than this has waited, also before its first attempt. */
const promptSeconds = 60;

const addressOf = statement`case d.channel when 'email' then u.email when 'sms' then u.phone end`;

/**
 * Records the address as well. The recheck of a delivery that waited reads its row as it was before the claim. Rides on
 * primary keys and `push_subscriptions_endpoint`.
 */
async function claim(
  sql: Sql,
  tenantId: string,
  deliveryId: RawBuilder<unknown>,
  now: Temporal.Instant,
  abandonedAttempt: number | null,
): Promise<Row | undefined> {
  const { rows } = await statement<Row>`
    update notification_deliveries d
    set status = 'sending', attempts = d.attempts + 1, changed_at = ${now.toString()}, retry_at = null,
      address = ${addressOf}, address_digest = ${addressDigest(statement`d.id`, addressOf)}
    from notification_history n
    join users u on u.tenant_id = n.tenant_id and u.id = n.user_id
    join tenants t on t.id = u.tenant_id
    where d.tenant_id = ${tenantId} and d.id = ${deliveryId}
      and ((d.status = 'pending' and (d.retry_at is null or d.retry_at <= ${now.toString()})) or (d.status = 'sending' and d.attempts = ${abandonedAttempt}::int))
      and n.tenant_id = d.tenant_id and n.id = d.notification_id
    returning d.id, n.user_id, d.notification_id, d.channel, d.message, n.type, n.severity, n.level,
      d.attempts, n.status as notification_status,
        case when not ${waitsForOthers} then n.until end as until, n.digest_day is not null as is_digest,
      u.name, u.email, u.phone, ${preferencesColumns}, (
        select jsonb_agg(${ruleSettings})
        from smart_alert_rules r
        where d.channel <> 'in-app' and r.tenant_id = n.tenant_id and r.id = any(array(
          select (alert ->> 'ruleId')::uuid from jsonb_array_elements(n.told -> 'alerts') alert
        ) || n.rule_id)
      ) as rules, (
        select jsonb_agg(jsonb_build_object('id', s.id, 'endpoint', s.endpoint, 'p256dh', s.p256dh, 'auth', s.auth)
          order by s.created_at, s.id)
        from push_subscriptions s
        where d.channel = 'push' and s.tenant_id = n.tenant_id and s.user_id = n.user_id
      ) as subscriptions, u.locale, u.unsubscribe_key,
      t.name as tenant_name, case
        when d.channel <> 'in-app' and (d.attempts > 1 or d.failure_reason is not null or exists (
          select from notification_deliveries w
          where w.tenant_id = d.tenant_id and w.id = d.id
            and w.changed_at < ${now.subtract({ seconds: promptSeconds }).toString()}
        )) then jsonb_build_object('told', n.told, 'waited', ${waitedRow})
      end as waiting`.execute(sql);
  return rows[0];
}

/** In-app deliveries never interrupt. A digest keeps to its person's quiet hours, whatever alerts it contains. */
function recheckSettings(
  row: Row,
  { severity, ...state }: Pick<ClaimedState, 'severity' | 'stale' | 'mayHaveGone'>,
  now: Temporal.Instant,
): Withheld | null {
  const { channel } = row;
  if (channel === 'in-app') return null;
  const about: Pick<ClaimedState, 'severity' | 'rules'> = row.is_digest
    ? { severity: 'info', rules: [] }
    : { severity, rules: (row.rules ?? []).map(toRuleSettings) };
  return recheckAtClaim({ channel, preferences: toPreferences(row), ...state, ...about }, now);
}

const toDelivery = (tenantId: string, row: Row): ClaimedDelivery => ({
  tenantId,
  id: row.id,
  userId: row.user_id,
  notificationId: row.notification_id,
  channel: row.channel,
  message: row.message,
  to: addressesOf(row),
  type: row.type,
  severity: row.severity,
  level: row.level,
  waiting: waitingOf(row),
  attempt: row.attempts,
});

const waitingOf = ({ notification_status: status, until }: Row): WaitingNotification | null =>
  until !== null && (status === 'deferred' || status === 'capped')
    ? { status, until: Temporal.Instant.from(until) }
    : null;

const addressesOf = ({ name, email, phone, subscriptions }: Row): Addresses => ({
  name,
  email,
  phone,
  subscriptions: subscriptions ?? [],
});

type State = {
  channel: Channel;
  status: DeliveryStatus;
  attempts: number;
  changed_at: string;
  retry_at: string | null;
};

async function readState(
  sql: Sql,
  { tenantId, deliveryId }: DeliveryRef,
  now: Temporal.Instant,
): Promise<Claim> {
  const { rows } = await statement<State>`
    select channel, status, attempts, changed_at, retry_at
    from notification_deliveries
    where tenant_id = ${tenantId} and id = ${deliveryId}`.execute(sql);
  const [row] = rows;
  if (!row) return { kind: 'missing' };
  // A claim that gave it back in between leaves it free.
  if (row.status === 'pending')
    return { kind: 'waiting', until: row.retry_at === null ? now : Temporal.Instant.from(row.retry_at) };
  if (row.status !== 'sending') return { kind: 'over', status: row.status };
  const changedAt = Temporal.Instant.from(row.changed_at);
  return { kind: 'sending', channel: row.channel, attempt: row.attempts, changedAt };
}
