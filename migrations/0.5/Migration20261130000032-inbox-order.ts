import { Migration } from '@mikro-orm/migrations';

/**
 * The order of events of one time: the numbers of the inbox, the sequences of senders, and with each expense what its event
 * is compared by. Null columns are cheap to add. A process of the version before sets none of them. A trigger empties
 * those of an expense that it gives another event.
 */
export class Migration20261130000032 extends Migration {
  override up(): void {
    this.addSql('create sequence event_batches_number increment by 1000000');
    this.addSql('alter table event_batches add column number bigint null');
    this.addSql(`alter table event_batches alter column number set default nextval('event_batches_number')`);
    this.addSql('alter sequence event_batches_number owned by event_batches.number');
    this.addSql('grant usage on sequence event_batches_number to spendwatch_service');
    this.addSql('alter table events add column sequence text null');
    this.addSql(`
    alter table expenses
      add column event_type text null,
      add column event_sequence text null,
      add column event_number bigint null,
      add column tied_events jsonb null`);
    this.addSql(`
    create function expenses_forget_ties_fn() returns trigger as $$ begin new.event_type := null; new.event_sequence := null; new.event_number := null; new.tied_events := null; return new; end; $$ language plpgsql`);
    this.addSql(`
    create trigger forget_ties before update on expenses
      for each row
      when (old.event_number = new.event_number
        and (old.event_id <> new.event_id or old.event_source <> new.event_source))
      execute function expenses_forget_ties_fn()`);
  }

  override down(): void {
    this.addSql('drop trigger forget_ties on expenses');
    this.addSql('drop function expenses_forget_ties_fn');
    this.addSql(`
    alter table expenses
      drop column event_type,
      drop column event_sequence,
      drop column event_number,
      drop column tied_events`);
    this.addSql('alter table events drop column sequence');
    this.addSql('alter table event_batches drop column number');
  }
}
