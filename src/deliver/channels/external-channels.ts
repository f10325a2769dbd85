/** Creates the external channels: those whose providers the settings name. */
import type { ChannelConfig } from '../../runtime/config/channel-settings.ts';
import type { Log } from '../../runtime/log.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { DeliveryChannel } from './channel.ts';
import { emailChannel } from './email/email.ts';
import { pushChannel, type PushOptions } from './push/push.ts';
import { smsChannel } from './sms/sms.ts';

export type Forget = PushOptions['forget'];
type Dependencies = { log: Log; metrics: Metrics; forget: Forget };

/** `forget`: deletes a push subscription that has expired for good. */
export function externalChannels(
  { mail, sms, push, pushHosts, publicUrl }: ChannelConfig,
  { log, metrics, forget }: Dependencies,
): DeliveryChannel[] {
  const onRest = (provider: string) =>
    log.warn({ provider }, 'a provider fails again and again; left alone for a while');
  const onSegments = (count: number) => metrics.smsSegments.observe(count);
  return [
    ...(mail ? [emailChannel({ ...mail, onRest })] : []),
    ...(sms ? [smsChannel({ ...sms, publicUrl, onSegments, onRest })] : []),
    ...(push ? [pushChannel({ vapid: push, pushHosts, publicUrl, forget, onRest })] : []),
  ];
}
