/**
 * Paginated lists: `?limit=&cursor=` in, `{data, nextCursor?}` out. Cursors are opaque to callers. A cursor
 * contains the sort values of the last item shown, so pages neither repeat nor skip items when rows come and
 * go.
 */
import { type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { invalidField } from '../errors/problem.ts';

/** The default page size. */
export const defaultLimit = 50;

/** Spread into a route's `querystring` schema. */
export const pageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 200, default: defaultLimit, description: 'items per page' }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1000, description: '`nextCursor` of the previous page' }),
  ),
};

export const pageSchema = <Item extends TSchema>(item: Item) =>
  Type.Object(
    {
      data: Type.Array(item),
      nextCursor: Type.Optional(
        Type.String({ description: 'the `cursor` for the next page; absent on the last one' }),
      ),
    },
    {
      description:
        'A page of at most `limit` items. For the next page, repeat the call with `cursor` set to `nextCursor`.',
    },
  );

export type Page<Item> = { data: Item[]; nextCursor?: string };

/** `items` has up to one more than `limit`, which shows whether there is a next page. */
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
 * Returns the sort values of a cursor, one for each schema in `key`, or null without a cursor. Throws 400 for
 * a cursor that `pageOf` did not make with such a key. The values come from the caller. Only the schemas make
 * it safe to compare them with a uuid or timestamptz column.
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
