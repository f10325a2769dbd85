/** Formats a verdict of the interruption policy as one line, as the reference model does. */
import type { InterruptionVerdict } from '../../../src/notify/decide/interruption.ts';

export function say(decision: InterruptionVerdict): string {
  if (decision.verdict === 'send') return decision.countsAgainstQuota ? 'send, counted' : 'send';
  const { verdict, reason, until } = decision;
  return until ? `${verdict} ${reason} ${until.toString()}` : `${verdict} ${reason}`;
}
