import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

const ownTables = ['daily_interruptions', 'stream_heads', 'push_subscriptions'];

/** Interruption preferences, the due times of deferred and capped notifications, and daily quota counts. */
export class Migration20261122000007 extends Migration {
  override up(): void {
    this.addSql(`
    alter table users
      add column channels jsonb null,
      add column quiet_hours jsonb null,
      add column critical_interrupts boolean not null default true,
      add column digest jsonb null,
      add column snooze_until timestamptz null,
      add column unsubscribe_key text not null
        default rtrim(translate(
          encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'), '='),
      add column bounced_email text null,
      add column bounced_phone text null`);
    this.addSql(`
    alter table smart_alert_rules
      add column snooze_until timestamptz null`);
    this.addSql(`
    alter table notification_deliveries
      add column address text null`);
    this.#history();
    this.#counters();
    this.#pushSubscriptions();
    for (const table of ownTables) for (const statement of secure(table)) this.addSql(statement);
  }

  #history(): void {
    this.addSql(`
    alter table notification_history
      add column period_start date null,
      add column period_end date null,
      add column told jsonb null,
      add column interrupted_on date null,
      add column digest_day date null,
      add column stream_number bigint null`);
    this.addSql(`
    create index notification_history_held
      on notification_history (tenant_id, status, until)
      where status in ('deferred', 'capped')`);
    this.addSql(`
    create index notification_history_held_user
      on notification_history (tenant_id, user_id)
      where status in ('deferred', 'capped')`);
    this.addSql(`
    create unique index notification_history_digest
      on notification_history (tenant_id, user_id, digest_day, type)
      where digest_day is not null`);
    this.addSql(`
    create unique index notification_history_stream
      on notification_history (tenant_id, user_id, stream_number)
      where stream_number is not null`);
  }

  #counters(): void {
    this.addSql(`
    create table daily_interruptions (
      tenant_id uuid not null,
      user_id text not null,
      day date not null,
      count int not null,
      primary key (tenant_id, user_id, day)
    )`);
    this.addSql(`
    alter table daily_interruptions
      add constraint daily_interruptions_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create table stream_heads (
      tenant_id uuid not null,
      user_id text not null,
      last_number bigint not null,
      primary key (tenant_id, user_id)
    )`);
    this.addSql(`
    alter table stream_heads
      add constraint stream_heads_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
  }

  #pushSubscriptions(): void {
    this.addSql(`
    create table push_subscriptions (
      tenant_id uuid not null,
      id uuid not null,
      user_id text not null,
      endpoint text not null,
      p256dh text not null,
      auth text not null,
      created_at timestamptz not null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table push_subscriptions
      add constraint push_subscriptions_tenant_id_foreign
      foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql(`
    create unique index push_subscriptions_endpoint
      on push_subscriptions (tenant_id, user_id, endpoint)`);
  }

  override down(): void {
    for (const table of ownTables) this.addSql(`drop table ${table}`);
    this.addSql(`drop index notification_history_stream`);
    this.addSql(`drop index notification_history_digest`);
    this.addSql(`drop index notification_history_held_user`);
    this.addSql(`drop index notification_history_held`);
    this.addSql(`
    alter table notification_history
      drop column stream_number,
      drop column digest_day,
      drop column interrupted_on,
      drop column told,
      drop column period_end,
      drop column period_start`);
    this.addSql('alter table notification_deliveries drop column address');
    this.addSql('alter table smart_alert_rules drop column snooze_until');
    this.addSql(`
    alter table users
      drop column bounced_phone,
      drop column bounced_email,
      drop column unsubscribe_key,
      drop column snooze_until,
      drop column digest,
      drop column critical_interrupts,
      drop column quiet_hours,
      drop column channels`);
  }
}
