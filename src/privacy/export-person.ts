/**
 * Exports everything kept of a person as one JSON document. It is written in pieces while it is read, in one snapshot of the
 * database: the document is never whole in memory.
 */
import { sql as statement } from 'kysely';
import { listPushSubscriptions } from '../deliver/channels/push/list-push-subscriptions.ts';
import { readUser } from '../accounts/people.ts';
import { readPreferences } from '../notify/read-preferences.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { formatAmount } from '../values/money.ts';
import type { PersonRef } from '../values/refs.ts';
import { type ExportRow, type Section, sections } from './export-sections.ts';

/** Resolves when the reader takes more. */
export type Write = (text: string) => Promise<void>;

/** In the order of the document. Those without a list of their own belong to what this version does not have. */
export const exportKeys = [
  'exportedAt',
  'tenant',
  'person',
  'preferences',
  'addresses',
  'categories',
  'expenses',
  'events',
  'rules',
  'memberships',
  'alerts',
  'decisions',
  'notifications',
  'recurring',
  'anomalies',
  'forecasts',
  'recommendations',
  'profile',
  'dailySummaries',
  'benchmarkMonths',
  'sessions',
] as const;

const rowsAtATime = 500;

/** False, with nothing written, if no such person is registered. After an error the document is incomplete. */
export const exportPerson = (
  db: Database,
  person: PersonRef,
  now: Temporal.Instant,
  write: Write,
): Promise<boolean> =>
  db.transaction([person.tenantId], async (sql) => {
    await statement`set transaction isolation level repeatable read, read only`.execute(sql);
    const heads = await readHeads(sql, person, now);
    if (!heads) return false;
    let before = '{';
    for (const key of exportKeys) {
      await write(`${before}\n${JSON.stringify(key)}: `);
      before = ',';
      const section = sections.find((each) => each.key === key);
      if (key in heads) await write(JSON.stringify(Reflect.get(heads, key)));
      else await writeList(sql, person, section, write);
    }
    await write('\n}\n');
    return true;
  });

async function readHeads(sql: Sql, person: PersonRef, now: Temporal.Instant): Promise<object | null> {
  const user = await readUser(sql, person);
  if (!user) return null;
  const { tenantId, userId } = person;
  const { rows } = await statement<Record<string, unknown>>`
    select t.id, t.name, u.bounced_email as "bouncedEmail", u.bounced_phone as "bouncedPhone"
    from users u join tenants t on t.id = u.tenant_id
    where u.tenant_id = ${tenantId} and u.id = ${userId}`.execute(sql);
  const [{ id, name, ...bounced } = {}] = rows;
  return {
    exportedAt: now,
    tenant: { id, name },
    person: user,
    preferences: await readPreferences(sql, person),
    addresses: {
      email: user.email,
      phone: user.phone,
      unconfirmed: user.unconfirmed,
      ...bounced,
      pushSubscriptions: await listPushSubscriptions(sql, person),
    },
  };
}

/** Without a section the list is empty. */
async function writeList(
  sql: Sql,
  person: PersonRef,
  section: Section | undefined,
  write: Write,
): Promise<void> {
  await write('[');
  let before = '\n';
  for await (const rows of section ? readPages(sql, person, section) : []) {
    await write(before + rows.map((row) => JSON.stringify(toItem(row, section))).join(',\n'));
    before = ',\n';
  }
  await write(before === '\n' ? ']' : '\n]');
}

/** Reads by a cursor, so that each page goes on where the one before ended. */
async function* readPages(sql: Sql, person: PersonRef, { key, query }: Section): AsyncGenerator<ExportRow[]> {
  const cursor = statement.ref(`export_${key}`);
  await statement`declare ${cursor} no scroll cursor for ${query(person)}`.execute(sql);
  for (let isMore = true; isMore;) {
    const fetch = statement<ExportRow>`fetch forward ${statement.raw(String(rowsAtATime))} from ${cursor}`;
    const { rows } = await fetch.execute(sql);
    if (rows.length > 0) yield rows;
    isMore = rows.length === rowsAtATime;
  }
  await statement`close ${cursor}`.execute(sql);
}

function toItem(row: ExportRow, section: Section | undefined): ExportRow {
  const { instants = [], amounts = [], lists = {} } = section ?? {};
  const currency = row.currency ?? '';
  const item = withAmounts(row, amounts, currency);
  for (const key of instants) item[key] = convert(row[key], (text) => Temporal.Instant.from(text).toString());
  for (const [key, names] of Object.entries(lists)) {
    // The statement of the section aggregates objects there.
    const list = row[key] as Record<string, unknown>[];
    item[key] = list.map((each) => withAmounts(each, names, currency));
  }
  return item;
}

function withAmounts(row: Record<string, unknown>, amounts: readonly string[], currency: string): ExportRow {
  const formatted = amounts.map((key) => [
    key,
    convert(row[key], (text) => formatAmount(BigInt(text), currency)),
  ]);
  return { ...row, ...Object.fromEntries(formatted) };
}

/** The driver gives instants and amounts as text. */
const convert = (value: unknown, to: (text: string) => string): string | null =>
  typeof value === 'string' ? to(value) : null;
