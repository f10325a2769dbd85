/**
 * A reference model of the alerts that one evaluation opens for a person. It goes by the slow model of a single notification,
 * which also answers for several at once: with the gravest severity and the largest quota among them.
 */
import type { InterruptionInput } from '../../../src/notify/decide/interruption.ts';
import { modelDecision } from './reference-interruption.ts';

const gravest = ['critical', 'danger', 'warning', 'info'] as const;

/** One line for each alert: its own decision, `waits`, or `together` with the others of that line. */
export function modelOpened(alerts: readonly InterruptionInput[], hasWait: boolean): string[] {
  const own = alerts.map(modelDecision);
  const mayGo = own.map((line) => line.startsWith('send') || line.startsWith('cap daily_cap'));
  const isUrgent = alerts.map((alert) => alert.severity === 'critical' && alert.criticalInterrupts);
  const isLed = alerts.some((_, index) => mayGo[index] && isUrgent[index]);
  const followers = alerts.filter((_, index) => mayGo[index] && !isUrgent[index]);
  const verdict = followers.length > 0 ? modelDecision(asOne(followers)) : '';
  return alerts.map((_, index) => {
    if (!mayGo[index]) return own[index] ?? '';
    if (isUrgent[index]) return 'together';
    if (hasWait && !isLed) return 'waits';
    return verdict.startsWith('send') ? 'together' : verdict;
  });
}

/** An input that meets no obstacle but the quota. */
function asOne(alerts: readonly InterruptionInput[]): InterruptionInput {
  const [first] = alerts;
  if (!first) throw new Error('no alert');
  const numbers = alerts.map(({ cap }) => cap?.max ?? 0).toSorted((one, other) => other - one);
  return {
    ...first,
    severity: gravest.find((severity) => alerts.some((alert) => alert.severity === severity)) ?? 'info',
    channels: [{ channel: 'email', skip: null }],
    cap: { max: numbers[0] ?? 0, today: first.cap?.today ?? 0 },
    quietHours: { ...first.quietHours, enabled: false },
  };
}
