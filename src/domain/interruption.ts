/** Whether a notification may interrupt its person, and what that makes of each of its rule's channels. */
import type { Channel } from './rule.ts';

export type InterruptionInput = {
  /** The rule was muted when the notification was made. */
  isSilent: boolean;
  /** The rule's; in-app is always told, whether or not it is among them. */
  channels: readonly Channel[];
  /** Those this service can send on. */
  configured: ReadonlySet<Channel>;
};

type SkipReason = 'muted' | 'not_configured';

type PlannedDelivery =
  | { channel: Channel; status: 'pending'; reason: null }
  | { channel: Channel; status: 'skipped'; reason: SkipReason };

/** `in_app_only`: nothing interrupts; `no_channel`: the rule has no interrupting channel that could be sent on. */
export type Interruption = (
  | { verdict: 'send'; reason: null }
  | { verdict: 'in_app_only'; reason: 'muted' | 'no_channel' }
) & { deliveries: PlannedDelivery[] };

export function decideInterruption(input: InterruptionInput): Interruption {
  const interrupting = input.channels
    .filter((channel) => channel !== 'in-app')
    .map((channel) => plan(channel, input));
  const deliveries: PlannedDelivery[] = [pending('in-app'), ...interrupting];
  if (input.isSilent) return { verdict: 'in_app_only', reason: 'muted', deliveries };
  if (interrupting.some(({ status }) => status === 'pending'))
    return { verdict: 'send', reason: null, deliveries };
  return { verdict: 'in_app_only', reason: 'no_channel', deliveries };
}

function plan(channel: Channel, { isSilent, configured }: InterruptionInput): PlannedDelivery {
  if (isSilent) return { channel, status: 'skipped', reason: 'muted' };
  return configured.has(channel)
    ? pending(channel)
    : { channel, status: 'skipped', reason: 'not_configured' };
}

const pending = (channel: Channel): PlannedDelivery => ({ channel, status: 'pending', reason: null });
