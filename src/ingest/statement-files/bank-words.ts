/** Words of banks for the direction and the state of a payment. Case is ignored. */

export type Direction = 'debit' | 'credit';
export type State = 'booked' | 'pending' | 'void';

const list = (text: string): readonly string[] => text.split(', ');

const directions: Record<Direction, readonly string[]> = {
  debit: list(
    'debit, deb, d, dr, db, dbit, s, soll, out, money out, paid out, withdrawal, af, débit, debet, debito, débito, ausgang, lastschrift, purchase, sale, -, 出金',
  ),
  credit: list(
    'credit, c, cr, crdt, h, haben, in, money in, paid in, deposit, bij, crédit, kredit, credito, crédito, eingang, gutschrift, refund, +, 入金',
  ),
};

const states: Record<State, readonly string[]> = {
  booked: list(
    'booked, completed, complete, posted, cleared, settled, success, succeeded, successful, paid, executed, gebucht, umsatz gebucht, ausgeführt, comptabilisé',
  ),
  pending: list(
    'pending, authorised, authorized, in progress, processing, uncleared, scheduled, vorgemerkt, umsatz vorgemerkt, en attente, pendiente, in attesa',
  ),
  void: list(
    'reverted, reversed, declined, failed, cancelled, canceled, rejected, refused, voided, void, expired, storniert, abgelehnt, annulé, cancelado, annullato',
  ),
};

const invert = <T extends string>(table: Record<T, readonly string[]>): ReadonlyMap<string, T> =>
  // The object has these keys and no others.
  new Map((Object.keys(table) as T[]).flatMap((key) => table[key].map((word) => [word, key] as const)));

const directionOf = invert(directions);
const stateOf = invert(states);

const plain = (text: string): string => text.trim().toLowerCase().replace(/\.$/, '');

/** Undefined if the text is no such word. */
export const readDirection = (text: string): Direction | undefined => directionOf.get(plain(text));
export const readState = (text: string): State | undefined => stateOf.get(plain(text));

const refundWord =
  /\b(?:refund(?:ed|s)?|chargeback|remboursement|reembolso|rimborso|rückerstattung|erstattung|terugbetaling)\b|返金|返品/iu;

/** Whether a text speaks of a refund. `return` counts only alone, because of tax returns. */
export const saysRefund = (text: string): boolean =>
  refundWord.test(text) || /^(?:merchandise )?returns?$/i.test(text.trim());
