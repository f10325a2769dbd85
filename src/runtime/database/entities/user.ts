import { defineEntity, p } from '@mikro-orm/core';
import type { AnomalyChoices } from '../../../values/anomaly.ts';
import { instant, tenantId, tenantRows } from './columns.ts';
import type { DigestPreferences, QuietHours } from '../../../values/preferences.ts';
import type { ChannelChoices } from '../../../values/channels.ts';
import type { MessageStop } from '../../../values/message-stop.ts';

/** 32 bytes in base64url; the expression is written as PostgreSQL prints it. */
const randomKey =
  "rtrim(translate(encode((uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64'::text), '+/'::text, '-_'::text), '='::text)";

/**
 * A person with spending to watch, registered by their first event or token. Preferences that are null have the
 * default. `messageStops`: what they ended by links in messages, to undo it. `bouncedEmail`, `bouncedPhone`: an address that is not tried again. `profileDueAt`: the end of the month
 * in which the profile was built. `digestDueAt`: in the past until it is known. `tokensValidFrom`: tokens issued before it are
 * refused. `maxNotificationsPerDay`: over all rules, from 1 to 1000.
 */
export const User = defineEntity({
  name: 'User',
  tableName: 'users',
  ...tenantRows,
  indexes: [
    {
      // mark-due-profiles: people with a profile month that has ended.
      name: 'users_profile_due',
      expression:
        'create index users_profile_due on users (tenant_id, profile_due_at) where profile_due_at is not null',
    },
    {
      // change-timezone: people whose expenses are still to be moved to another time zone, oldest first.
      name: 'users_moving',
      expression:
        'create index users_moving on users (tenant_id, moving_since) where moving_since is not null',
    },
    {
      // find-due-digests: people with a digest that is due.
      name: 'users_digest_due',
      expression: 'create index users_digest_due on users (tenant_id, digest_due_at)',
    },
    {
      // switch-texts: the people with a phone number.
      name: 'users_phone',
      expression: 'create index users_phone on users (tenant_id, phone) where phone is not null',
    },
    {
      // token-revocations: people whose tokens were ended.
      name: 'users_tokens_valid_from',
      expression:
        'create index users_tokens_valid_from on users (tenant_id, tokens_valid_from) where tokens_valid_from is not null',
    },
  ],
  properties: {
    tenantId,
    id: p.text().primary(),
    timezone: p.text().nullable(),
    locale: p.text().nullable(),
    email: p.text().nullable(),
    phone: p.text().nullable(),
    name: p.text().nullable(),
    benchmarkConsent: p.boolean().name('benchmark_consent').nullable(),
    channels: p.json<ChannelChoices>().nullable(),
    quietHours: p.json<QuietHours>().name('quiet_hours').nullable(),
    criticalInterrupts: p.boolean().name('critical_interrupts').default(true),
    digest: p.json<DigestPreferences>().nullable(),
    snoozeUntil: instant().name('snooze_until').nullable(),
    maxNotificationsPerDay: p.integer().name('max_notifications_per_day').nullable(),
    anomalies: p.json<AnomalyChoices>().nullable(),
    unsubscribeKey: p.text().name('unsubscribe_key').defaultRaw(randomKey),
    bouncedEmail: p.text().name('bounced_email').nullable(),
    bouncedPhone: p.text().name('bounced_phone').nullable(),
    messageStops: p.json<MessageStop[]>().name('message_stops').nullable(),
    registeredAt: instant().name('registered_at'),
    movingSince: instant().name('moving_since').nullable(),
    movingTo: p.text().name('moving_to').nullable(),
    profiledAt: instant().name('profiled_at').nullable(),
    profileDueAt: instant().name('profile_due_at').nullable(),
    tokensValidFrom: instant().name('tokens_valid_from').nullable(),
    digestDueAt: instant().name('digest_due_at').defaultRaw("'-infinity'::timestamp with time zone"),
  },
});

/** A person whose rows make a scheduled job fail, and who is left out of it until then. */
export const SetAside = defineEntity({
  name: 'SetAside',
  tableName: 'set_aside',
  ...tenantRows,
  properties: {
    tenantId,
    userId: p.text().primary().name('user_id'),
    job: p.text().primary(),
    error: p.text(),
    since: instant(),
    until: instant(),
  },
});
