/** The JSON reader: reads the fields of an object that a caller sent, and collects every error. */
import { identifierRule, isIdentifier } from '../../values/identifier.ts';
import { isCurrency, parseAmount } from '../../values/money.ts';
import { parseInstant } from '../../values/rfc3339.ts';

/** `pointer`: the JSON Pointer of the value. */
export type WrongValue = { pointer: string; message: string };

export const maxTextLength = 500;

type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const epoch = Temporal.Instant.fromEpochMilliseconds(0);
const notText = { ok: false, message: 'must be a decimal number in a string, like "42.10"' } as const;
/** At most this many unknown fields are reported. */
const maxUnknown = 20;

/**
 * Reads the fields of one object. A wrong value is added to `errors`, and a stand-in is returned. The stand-in is never
 * used, as an object with errors is rejected. Null counts as missing.
 */
export class JsonReader {
  readonly errors: WrongValue[];
  readonly #values: JsonObject;
  readonly #path: string;

  constructor(values: JsonObject, path: string, errors: WrongValue[] = []) {
    this.#values = values;
    this.#path = path;
    this.errors = errors;
  }

  has(name: string): boolean {
    return (this.#values[name] ?? null) !== null;
  }

  identifier(name: string): string {
    const value = this.#values[name];
    return isIdentifier(value) ? value : this.refuse(name, `must be ${identifierRule}`, '');
  }

  oneOf<Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const value = this.#values[name];
    const choice = choices.find((candidate) => candidate === value);
    return choice ?? this.refuse(name, `must be one of ${choices.join(', ')}`, choices[0]);
  }

  constant(name: string, value: string): void {
    if (this.has(name) && this.#values[name] !== value) this.refuse(name, `must be "${value}"`, null);
  }

  /** Accepts instants from `earliestMs` to `latestMs`, both inclusive. */
  instant(name: string, earliestMs: number, latestMs: number): Temporal.Instant {
    const value = this.#values[name];
    const instant = typeof value === 'string' ? parseInstant(value) : null;
    if (!instant)
      return this.refuse(
        name,
        'must be an RFC 3339 instant with its offset, like 2026-11-22T10:00:00Z',
        epoch,
      );
    if (instant.epochMilliseconds < earliestMs)
      return this.refuse(name, `must not be before ${isoOf(earliestMs)}`, epoch);
    if (instant.epochMilliseconds > latestMs)
      return this.refuse(name, `must not be after ${isoOf(latestMs)}`, epoch);
    return instant;
  }

  text(name: string): string | null {
    const value = this.#values[name] ?? null;
    if (value === null || isText(value)) return value;
    return this.refuse(name, `must be a text of at most ${maxTextLength} characters, none of them NUL`, null);
  }

  /** If the currency is wrong, the amount is checked with the largest number of decimals that a currency has. */
  money(amountName: string, currencyName: string): { amountMinor: bigint; currency: string } {
    const code = this.#values[currencyName];
    const isKnown = typeof code === 'string' && isCurrency(code);
    const currency = isKnown ? code : this.refuse(currencyName, 'must be an ISO 4217 code, like USD', 'CLF');
    const amount = this.#values[amountName];
    const parsed = typeof amount === 'string' ? parseAmount(amount, currency) : notText;
    return { amountMinor: parsed.ok ? parsed.minor : this.refuse(amountName, parsed.message, 0n), currency };
  }

  /** The field is optional. */
  pattern(name: string, pattern: RegExp, message: string): string | null {
    const value = this.#values[name] ?? null;
    if (value === null || (typeof value === 'string' && pattern.test(value))) return value;
    return this.refuse(name, message, null);
  }

  absent(name: string, message: string): void {
    if (this.has(name)) this.refuse(name, message, null);
  }

  object(name: string): JsonReader | null {
    const value = this.#values[name];
    if (isObject(value)) return new JsonReader(value, `${this.#path}/${name}`, this.errors);
    return this.refuse(name, 'must be an object', null);
  }

  nothingBeside(known: ReadonlySet<string>): void {
    const unknown = Object.keys(this.#values).filter((name) => !known.has(name));
    for (const name of unknown.slice(0, maxUnknown)) this.refuse(name, 'is not a known field', null);
  }

  /** For rules of the caller's too. Returns the stand-in. */
  refuse<StandIn>(name: string, message: string, standIn: StandIn): StandIn {
    const isMissing = this.#values[name] === undefined;
    const pointer = `${this.#path}/${escapePointer(name)}`;
    this.errors.push({ pointer, message: isMissing ? 'is required' : message });
    return standIn;
  }
}

/** https://www.rfc-editor.org/rfc/rfc6901#section-3 */
export const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

const isoOf = (epochMs: number): string => Temporal.Instant.fromEpochMilliseconds(epochMs).toString();

/** True for text that PostgreSQL can store. The length is counted in code points. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' &&
  (value.length <= maxTextLength ||
    (value.length <= 2 * maxTextLength && Array.from(value).length <= maxTextLength)) &&
  !value.includes('\0') &&
  value.isWellFormed();
