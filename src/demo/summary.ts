/** Summarises a replay in one line. */
import type { Totals } from './sql/read-totals.ts';
import { severities } from '../values/severity.ts';

const figure = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`;

/** One line. It says so if no budget was exceeded, or if everything was there before. */
export function summarize(before: Totals, after: Totals, seconds: number): string {
  const parts = [
    figure(after.people, 'person', 'people'),
    figure(after.expenses, 'expense'),
    figure(after.events, 'event'),
    figure(after.decisions, 'decision'),
    notificationsText(after),
    ...(after.digests > 0 ? [figure(after.digests, 'digest')] : []),
  ];
  return `${parts.join(', ')}; ${seconds.toFixed(1)} s${addedBy(before, after)}`;
}

function notificationsText({ notifications, recoveries, severities: counts }: Totals): string {
  if (notifications === 0) return 'no notifications: nothing overran';
  const each = severities.map((severity) => `${counts[severity].toLocaleString('en')} ${severity}`);
  if (recoveries > 0) each.push(figure(recoveries, 'recovery', 'recoveries'));
  return `${figure(notifications, 'notification')} (${each.join(', ')})`;
}

function addedBy(before: Totals, after: Totals): string {
  if (before.events === 0) return '';
  const events = after.events - before.events;
  const decisions = after.decisions - before.decisions;
  const notifications = after.notifications - before.notifications;
  if (events + decisions + notifications === 0) return '; all of it was here before, nothing was added';
  return `; added: ${figure(events, 'event')}, ${figure(decisions, 'decision')}, ${figure(notifications, 'notification')}`;
}
