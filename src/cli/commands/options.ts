/** Parsers of command-line options. Commander shows their error messages beside the option's name. */
import { InvalidArgumentError } from 'commander';
import { isRateDay } from '../../values/fx.ts';
import { isCurrency } from '../../values/money.ts';
import { identifierRule, isIdentifier, visiblePattern } from '../../values/identifier.ts';
import { timeZoneName } from '../../values/time-zone.ts';
import { CommandError } from '../failure.ts';
import { type ColumnMap, parseColumnMap } from '../../ingest/statement-files/columns.ts';

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The prefixes of API keys and webhook secrets. */
const secretPrefix = /^(?:swk|whsec)_/;

export function uuid(text: string): string {
  // Commander would repeat the secret in its message.
  if (secretPrefix.test(text))
    throw new CommandError('that is a secret, not an id. Give the id as it was printed.');
  if (!uuidShape.test(text))
    throw new InvalidArgumentError(
      'Give the id as it was printed, like 01a20366-d534-7ad4-baa5-cf2d9295768f.',
    );
  return text.toLowerCase();
}

export function keyId(text: string): string {
  if (text.startsWith('swk_')) throw new CommandError('that is the key itself: give its id, see "key list"');
  return uuid(text);
}

export function timeZone(text: string): string {
  const name = timeZoneName(text);
  if (name === null) throw new InvalidArgumentError('Give an IANA time zone, like Europe/Berlin or UTC.');
  return name;
}

export function currency(text: string): string {
  if (!isCurrency(text)) throw new InvalidArgumentError('Give an ISO 4217 code in capitals, like EUR.');
  return text;
}

export function identifier(text: string): string {
  if (!isIdentifier(text)) throw new InvalidArgumentError(`Give ${identifierRule}.`);
  return text;
}

const maxNameLength = 200;
const visibleName = new RegExp(visiblePattern(maxNameLength), 'u');

export function tenantName(text: string): string {
  const name = text.trim();
  if (!visibleName.test(name))
    throw new InvalidArgumentError(`Give 1 to ${maxNameLength} printable characters, one of them visible.`);
  return name;
}

export function instant(text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw new InvalidArgumentError('Give an instant with its offset, like 2026-11-22T08:30:00Z.');
  }
}

export function day(text: string): string {
  if (!isRateDay(text)) throw new InvalidArgumentError('Give a day between 1900 and 2199, like 2026-11-22.');
  return text;
}

const mostRows = 10_000;

export function rowCount(text: string): number {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > mostRows)
    throw new InvalidArgumentError(`Give a whole number from 1 to ${mostRows}.`);
  return count;
}

export function monthlyLimit(text: string): number | 'default' {
  if (text === 'default') return text;
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError('Give a whole number of at most nine digits, or "default".');
  return Number(text);
}

const unitSeconds = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
]);
const maxTtlSeconds = 30 * 86_400;

/** The time in seconds. */
export function timeToLive(text: string): number {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  const seconds = Number(match?.[1] ?? 0) * (unitSeconds.get(match?.[2] ?? '') ?? 0);
  if (seconds < 1 || seconds > maxTtlSeconds)
    throw new InvalidArgumentError('Give a time up to 30 days, like 15m, 1h or 7d.');
  return seconds;
}

export function columnMap(text: string): ColumnMap {
  try {
    return parseColumnMap(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
