/**
 * Lists in pages: `?limit=&cursor=` in, `{data, nextCursor?}` out. A cursor is opaque to callers; inside it
 * are the sort values of the last item shown, so that pages neither repeat nor skip when rows come and go.
 */
import { type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { invalidField } from '../errors/problem.ts';

/** What a page holds unless asked otherwise. */
export const defaultLimit = 50;

/** Spread into a route's `querystring` schema. */
export const pageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 200, default: defaultLimit, description: 'items a page' }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1000, description: '`nextCursor` of the page before' }),
  ),
};

export const pageSchema = <Item extends TSchema>(item: Item) =>
  Type.Object(
    {
      data: Type.Array(item),
      nextCursor: Type.Optional(
        Type.String({ description: 'the `cursor` of the call for the next page; not there on the last one' }),
      ),
    },
    { description: 'A page of at most `limit`. The next: the same call, with `cursor` set to `nextCursor`.' },
  );

export type Page<Item> = { data: Item[]; nextCursor?: string };

/** `items` holds up to one more than `limit`: the extra one tells that there is a next page. */
export function pageOf<Item>(
  items: readonly Item[],
  limit: number,
  keyOf: (item: Item) => readonly string[],
): Page<Item> {
  const data = items.slice(0, limit);
  const last = data.at(-1);
  if (items.length <= limit || last === undefined) return { data };
  return { data, nextCursor: writeCursor(keyOf(last)) };
}

const writeCursor = (key: readonly string[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

/**
 * The sort values a cursor holds, one for each schema in `key`, or null without a cursor; one that was not
 * made by `pageOf` with such a key is a 400. What is read is the caller's text: the schemas are what makes
 * it safe to compare with a uuid or timestamptz column.
 */
export function readCursor(cursor: string | undefined, key: readonly TSchema[]): string[] | null {
  if (cursor === undefined) return null;
  const values = parseCursor(cursor);
  if (Array.isArray(values) && values.length === key.length && values.every(isKeyPart(key)))
    return values.map(String);
  throw invalidField('/cursor', 'is not a cursor of this list');
}

const isKeyPart = (key: readonly TSchema[]) => (value: unknown, index: number) =>
  typeof value === 'string' && Value.Check(key[index] ?? Type.Never(), value);

function parseCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
}
