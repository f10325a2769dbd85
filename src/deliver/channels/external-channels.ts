/** Creates the external channels: those whose providers the settings name. */
import type { ChannelConfig } from '../../runtime/config/channel-settings.ts';
import type { Log } from '../../runtime/log.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import { type InterruptingChannel, interruptingChannels } from '../../values/channels.ts';
import type { DeliveryChannel } from './channel.ts';
import { emailChannel } from './email/email.ts';
import { pushChannel, type PushOptions } from './push/push.ts';
import { smsChannel } from './sms/sms.ts';

export type Forget = PushOptions['forget'];

/** `forget`: deletes a push subscription that has expired for good. */
type Dependencies = { log: Log; metrics: Metrics; forget: Forget };

type Make = (
  config: ChannelConfig,
  dependencies: Dependencies & { onRest: (provider: string) => void },
) => DeliveryChannel | null;

/** Null where the settings name no provider. A channel without an entry does not compile. */
const makers: Record<InterruptingChannel, Make> = {
  email: ({ mail }, { onRest }) => mail && emailChannel({ ...mail, onRest }),
  sms: ({ sms, publicUrl }, { metrics, onRest }) => {
    const onSegments = (count: number) => metrics.smsSegments.observe(count);
    return sms && smsChannel({ ...sms, publicUrl, onSegments, onRest });
  },
  push: ({ push, pushHosts, publicUrl }, { forget, onRest }) =>
    push && pushChannel({ vapid: push, pushHosts, publicUrl, forget, onRest }),
};

export function externalChannels(config: ChannelConfig, dependencies: Dependencies): DeliveryChannel[] {
  const onRest = (provider: string) =>
    dependencies.log.warn({ provider }, 'a provider fails again and again; left alone for a while');
  return interruptingChannels.flatMap((name) => makers[name](config, { ...dependencies, onRest }) ?? []);
}
