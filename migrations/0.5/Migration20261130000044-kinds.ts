import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

const forgetTies =
  'new.event_type := null; new.event_sequence := null; new.event_number := null; new.tied_events := null;';
const forgetKinds =
  'new.kind := null; new.status := null; new.merchant_id := null; new.merchant_source := null; new.mcc := null;';

/** The trigger empties what a process of the version before does not know, where it gives an expense another event. */
const replaceTrigger = (body: string) => `
    create or replace function expenses_forget_ties_fn() returns trigger as $$ begin ${body} return new; end; $$ language plpgsql`;

/**
 * Kinds, states and merchants of expenses, and the expense that another one replaces. Null is a posted purchase, so rows
 * that were there before stay as they are. And the names under which merchants with an id were seen.
 */
export class Migration20261130000044 extends Migration {
  override up(): void {
    this.addSql(`
    alter table events
      add column kind text null,
      add column status text null,
      add column replaces text null,
      add column merchant_id text null,
      add column mcc text null`);
    this.addSql(`
    alter table expenses
      add column kind text null,
      add column status text null,
      add column merchant_id text null,
      add column merchant_source text null,
      add column mcc text null`);
    this.addSql('create index events_replacing on events (tenant_id, replaces) where replaces is not null');
    this.addSql(`create index expenses_pending on expenses (tenant_id, day) where status = 'pending'`);
    this.addSql(`
    create table merchant_names (
      tenant_id uuid not null,
      name text not null,
      source text not null,
      merchant_id text not null,
      primary key (tenant_id, name, source, merchant_id)
    )`);
    this.addSql(`
    alter table merchant_names
      add constraint merchant_names_tenant_id_foreign foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    for (const statement of secure('merchant_names')) this.addSql(statement);
    this.addSql(replaceTrigger(`${forgetTies} ${forgetKinds}`));
  }

  override down(): void {
    this.addSql(replaceTrigger(forgetTies));
    this.addSql('drop table merchant_names');
    this.addSql('drop index expenses_pending');
    this.addSql('drop index events_replacing');
    this.addSql(`
    alter table expenses
      drop column kind,
      drop column status,
      drop column merchant_id,
      drop column merchant_source,
      drop column mcc`);
    this.addSql(`
    alter table events
      drop column kind,
      drop column status,
      drop column replaces,
      drop column merchant_id,
      drop column mcc`);
  }
}
