/** Cursors of lists sorted newest first: when the last item shown was made, to the microsecond, and its id. */
import { Type } from 'typebox';
import { readCursor } from './pagination.ts';

export type Made = { createdAt: Temporal.Instant; id: string };

const key = [Type.String({ pattern: '^[0-9]{1,16}$' }), Type.String({ format: 'uuid' })];

export const cursorKeyOf = ({ createdAt, id }: Made): string[] => [
  String(createdAt.epochNanoseconds / 1000n),
  id,
];

/** The item a page begins after; null on the first. A malformed cursor is a 400. */
export function afterOf(cursor: string | undefined): Made | null {
  const [microseconds, id] = readCursor(cursor, key) ?? [];
  if (microseconds === undefined || id === undefined) return null;
  return { createdAt: Temporal.Instant.fromEpochNanoseconds(BigInt(microseconds) * 1000n), id };
}
