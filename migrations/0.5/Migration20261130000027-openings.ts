import { Migration } from '@mikro-orm/migrations';

const body = 'if not new.is_open then new.is_heard := null; end if; return new;';

/**
 * The alert that the last opening of a level made, and whether the person heard of the present one. That is null for a closed
 * level, and for one that a process of the version before opened. It knows neither column: the trigger clears what it closes.
 */
export class Migration20261130000027 extends Migration {
  override up(): void {
    this.addSql(`
    alter table alert_states
      add column notification_id uuid null,
      add column is_heard boolean null`);
    this.addSql(`
    create function alert_states_forget_opening_fn() returns trigger as $$ begin ${body} end; $$ language plpgsql`);
    this.addSql(
      'create index notification_history_merged on notification_history (tenant_id, merged_into) where merged_into is not null',
    );
    this.addSql(`
    create trigger forget_opening before update on alert_states
      for each row execute function alert_states_forget_opening_fn()`);
  }

  override down(): void {
    this.addSql('drop trigger forget_opening on alert_states');
    this.addSql('drop function alert_states_forget_opening_fn');
    this.addSql('drop index notification_history_merged');
    this.addSql('alter table alert_states drop column notification_id, drop column is_heard');
  }
}
