/** The demo's closing text: addresses to open, and calls to paste into a terminal. */
import type { DemoService } from './demo-service.ts';
import { dateTime } from './live-month.ts';
import type { Replay } from './replay.ts';

export function addresses({
  url,
  operator,
  mailIndex,
}: Pick<DemoService, 'url' | 'operator' | 'mailIndex'>): string {
  return [
    `  API reference  ${url}/docs`,
    `  Bull Board     ${url}/admin/queues  (user ${operator.user}, password ${operator.password})`,
    `  Mails          ${mailIndex.url}`,
    `  Health         ${url}/health/ready`,
    `  Metrics        ${url}/metrics`,
  ].join('\n');
}

type Trial = {
  service: DemoService;
  replay: Replay;
  person: { userId: string; name: string; token: string };
};

export function tryNext({ service, replay, person }: Trial): string {
  const { url, tenant, clock, services } = service;
  const { currency, timezone } = replay.tenant;
  const now = clock.now().toString({ smallestUnit: 'second' });
  const rule = { name: 'Coffee', categoryId: 'coffee', budgetAmount: '10' };
  const expense = {
    expenseId: 'try-1',
    userId: person.userId,
    categoryId: 'coffee',
    merchant: 'BLUE DOOR COFFEE',
  };
  const event = {
    id: 'try-1',
    type: 'expense.created',
    time: now,
    data: { ...expense, amount: '12', currency, spentAt: now },
  };
  const json = "-H 'Content-Type: application/json'";
  return `Try next, as ${person.name} (the service's clock stands at ${dateTime(clock.now(), timezone)} ${timezone} and runs on from there):

TOKEN='${person.token}'
KEY='${tenant.ingestKey}'

A budget of 10 ${currency} for coffee:

curl -s ${url}/api/smart-alerts/rules -H "Authorization: Bearer $TOKEN" ${json} -d '${JSON.stringify(rule)}'

An expense of 12, which is more. ${person.name} is told, and so are you in the demo's terminal:

curl -s ${url}/api/events -H "Authorization: Bearer $KEY" ${json} -d '${JSON.stringify(event)}'

What ${person.name} has been told. The alert comes a moment after the expense:

curl -s "${url}/api/smart-alerts/notifications?limit=5" -H "Authorization: Bearer $TOKEN"

The scheduled jobs of this database, in the project's folder:

DATA_DIR=${shellQuoted(services.config.dataDir)} npx spendwatch job list
`;
}

const shellQuoted = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
