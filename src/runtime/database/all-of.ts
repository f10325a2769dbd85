/** Waits for statements that are sent together. */

/**
 * Throws the first error, but only once all have ended. So none of them goes on after the rollback that follows, as it
 * might with `Promise.all`.
 */
export async function allOf<Works extends readonly Promise<unknown>[] | []>(
  works: Works,
): Promise<{ -readonly [Index in keyof Works]: Awaited<Works[Index]> }> {
  try {
    return await Promise.all(works);
  } catch (error) {
    await Promise.allSettled(works);
    throw error;
  }
}
