/**
 * Cursors of lists sorted newest first. A cursor has the last item's creation time, in microseconds, and its
 * id.
 */
import { Type } from 'typebox';
import { readCursor } from './pagination.ts';

export type Made = { createdAt: Temporal.Instant; id: string };

const key = [Type.String({ pattern: '^[0-9]{1,16}$' }), Type.String({ format: 'uuid' })];

export const cursorKeyOf = ({ createdAt, id }: Made): string[] => [
  String(createdAt.epochNanoseconds / 1000n),
  id,
];

/** The item that a page starts after, or null for the first page. Throws 400 for a malformed cursor. */
export function afterOf(cursor: string | undefined): Made | null {
  const [microseconds, id] = readCursor(cursor, key) ?? [];
  if (microseconds === undefined || id === undefined) return null;
  return { createdAt: Temporal.Instant.fromEpochNanoseconds(BigInt(microseconds) * 1000n), id };
}
