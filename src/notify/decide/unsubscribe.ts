/**
 * The token in a message's unsubscribe link. It names a person, a channel and what ends there, and its key proves that
 * the link was sent to that person. It needs no other credential, so it can do nothing else.
 */
import { bytesOfUuid, fromBase64url, toBase64url, uuidBytes, uuidOf } from '../../values/base64url.ts';
import { isIdentifier } from '../../values/identifier.ts';
import { type InterruptingChannel, interruptingChannels } from '../../values/channels.ts';
import type { NotificationContent } from './content.ts';

/** What a link ends. Tokens name it by its index, so append only. Links of earlier versions end the whole channel. */
const subjects = ['channel', 'rule', 'rules', 'daily_summary', 'weekly_summary'] as const;
export type StopSubject = (typeof subjects)[number];

/** `rules`: those whose alerts are in the notification. */
export type StopScope =
  | { subject: Exclude<StopSubject, 'rule' | 'rules'> }
  | { subject: 'rule'; ruleId: string }
  | { subject: 'rules'; notificationId: string };

/** `key`: the person's own, 32 random bytes in base64url. */
export type UnsubscribeGrant = {
  tenantId: string;
  userId: string;
  channel: InterruptingChannel;
  scope: StopScope;
  key: string;
};

/** What a message is. Only mails show the figures of a summary; elsewhere it is the alerts in it. */
export function scopeOf(
  content: NotificationContent,
  channel: InterruptingChannel,
  notificationId: string,
): StopScope {
  if ('ruleId' in content) return { subject: 'rule', ruleId: content.ruleId };
  if (!('alerts' in content)) return { subject: 'channel' };
  if (content.type !== 'roll_up' && channel === 'email') return { subject: content.type };
  if (content.alerts.length === 0) return { subject: 'channel' };
  const [only, ...others] = new Set(content.alerts.map(({ ruleId }) => ruleId));
  return only !== undefined && others.length === 0
    ? { subject: 'rule', ruleId: only }
    : { subject: 'rules', notificationId };
}

const shape = /^([\w-]+)\.([\w-]{43})$/;

/**
 * URL-safe, at most 770 characters: base64url of the tenant's id, a byte for the channel and the scope, the id of the
 * scope if it has one and the person's id, then `.` and the key.
 */
export function unsubscribeToken({ tenantId, userId, channel, scope, key }: UnsubscribeGrant): string {
  const kind = interruptingChannels.indexOf(channel) + 16 * subjects.indexOf(scope.subject);
  const named = [...bytesOfUuid(tenantId), kind, ...idBytes(scope), ...new TextEncoder().encode(userId)];
  return `${toBase64url(new Uint8Array(named))}.${key}`;
}

function idBytes(scope: StopScope): Uint8Array {
  if ('ruleId' in scope) return bytesOfUuid(scope.ruleId);
  return 'notificationId' in scope ? bytesOfUuid(scope.notificationId) : new Uint8Array();
}

/** Null if the text is no such token. The caller checks whether the key is the person's. */
export function readUnsubscribeToken(token: string): UnsubscribeGrant | null {
  const [, named = '', key = ''] = shape.exec(token) ?? [];
  const bytes = fromBase64url(named);
  const kind = bytes?.[uuidBytes] ?? -1;
  const channel = interruptingChannels[kind & 15];
  const subject = subjects[kind >> 4];
  if (!bytes || !channel || !subject) return null;
  const { scope, rest } = readScope(subject, bytes.subarray(uuidBytes + 1));
  const userId = textOf(rest);
  if (!scope || !isIdentifier(userId)) return null;
  return { tenantId: uuidOf(bytes.subarray(0, uuidBytes)), userId, channel, scope, key };
}

function readScope(subject: StopSubject, bytes: Uint8Array): { scope: StopScope | null; rest: Uint8Array } {
  if (subject !== 'rule' && subject !== 'rules') return { scope: { subject }, rest: bytes };
  const rest = bytes.subarray(uuidBytes);
  if (bytes.length < uuidBytes) return { scope: null, rest };
  const id = uuidOf(bytes.subarray(0, uuidBytes));
  return { scope: subject === 'rule' ? { subject, ruleId: id } : { subject, notificationId: id }, rest };
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
