import { Migration } from '@mikro-orm/migrations';
import { secure } from '../row-security.ts';

/** Erasures of people, by a keyed hash of their ids. Half of the key is made here and stays in the database. */
export class Migration20261130000021 extends Migration {
  override up(): void {
    this.addSql(`
    create table erased_people (
      tenant_id uuid not null,
      person bytea not null,
      erased_at timestamptz not null,
      tokens_from timestamptz not null,
      user_id text null,
      is_there boolean not null,
      primary key (tenant_id, person)
    )`);
    this.addSql(`
    alter table erased_people
      add constraint erased_people_tenant_id_foreign foreign key (tenant_id)
      references tenants (id) on update no action on delete cascade`);
    this.addSql('create index erased_people_at on erased_people (tenant_id, erased_at)');
    this.addSql(
      'create index erased_people_unfinished on erased_people (tenant_id, erased_at) where user_id is not null',
    );
    for (const statement of secure('erased_people')) this.addSql(statement);
    this.addSql(`
    create table service_keys (
      id boolean not null,
      person_key text not null,
      primary key (id)
    )`);
    this.addSql('alter table service_keys add constraint service_keys_id_check check (id)');
    this.addSql(`
    insert into service_keys (id, person_key)
    values (true, encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'hex'))`);
  }

  override down(): void {
    this.addSql('drop table service_keys');
    this.addSql('drop table erased_people');
  }
}
