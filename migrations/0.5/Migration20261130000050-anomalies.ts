import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

/** What is out of the ordinary among people's charges. `users.anomalies`: the types that a person switched off. */
export class Migration20261130000050 extends Migration {
  override up(): void {
    this.addSql('alter table users add column anomalies jsonb null');
    this.addSql(`
    create table anomalies (
      tenant_id uuid not null,
      id uuid not null,
      user_id text not null,
      type text not null,
      subject text not null,
      expense_id text null,
      day date not null,
      merchant_key text not null,
      merchant text not null,
      category_id text not null,
      currency text not null,
      amount_minor bigint not null,
      expected_minor bigint null,
      details jsonb not null,
      is_late boolean not null,
      is_open boolean not null,
      verdict text null,
      decided_at timestamptz null,
      notification_id uuid null,
      created_at timestamptz not null,
      changed_at timestamptz not null,
      primary key (tenant_id, id)
    )`);
    this.addSql(`
    alter table anomalies
      add constraint anomalies_tenant_id_foreign foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql('create unique index anomalies_subject on anomalies (tenant_id, user_id, type, subject)');
    this.addSql('create index anomalies_user on anomalies (tenant_id, user_id, created_at desc, id)');
    this.addSql('create index anomalies_day on anomalies (tenant_id, day)');
    for (const statement of secure('anomalies')) this.addSql(statement);
  }

  override down(): void {
    this.addSql('drop table anomalies');
    this.addSql('alter table users drop column anomalies');
  }
}
