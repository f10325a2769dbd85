/** The tenant, people and events of the benchmarks. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { Database } from '../../src/runtime/database/database.ts';
import { createTenant } from '../../src/accounts/tenants.ts';
import { createLog } from '../../src/runtime/log.ts';

/** The number of people, `u0` … `u15999`. */
export const people = 16_000;

let made = 0;

/** The body of an event with a new expense, spread over `people`. */
export function eventBody(): string {
  const number = (made += 1);
  const now = new Date().toISOString();
  return JSON.stringify({
    id: `evt-${number}`,
    type: 'expense.created',
    time: now,
    data: {
      expenseId: `exp-${number}`,
      userId: `u${(number * 7919) % people}`,
      categoryId: 'groceries',
      merchant: 'CORNER MARKET #1023',
      amount: '1.00',
      currency: 'USD',
      spentAt: now,
    },
  });
}

export async function makeTenant(url: string): Promise<{ tenantId: string; apiKey: string }> {
  const db = await Database.open({ url, log: createLog('warn') });
  try {
    const draft = { name: 'Bench', timezone: 'UTC', currency: 'USD', benchmarks: 'opt-out' as const };
    return await createTenant(db, draft, Temporal.Now.instant());
  } finally {
    await db.close();
  }
}

/** Resolves when no batch waits to be evaluated. */
export async function drained(client: Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query('select 1 from event_batches where applied_at is null limit 1');
    if (rows.length === 0) return;
    await delay(20);
  }
}
