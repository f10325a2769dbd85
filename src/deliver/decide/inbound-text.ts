/** Reads the words by which people end and resume texts, as every SMS provider knows them. Pure. */

/** https://help.twilio.com/articles/223134027-Twilio-support-for-opt-out-keywords-SMS-STOP-filtering- */
const words: ReadonlyMap<string, 'stop' | 'start'> = new Map([
  ...['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'optout', 'revoke'].map(
    (word) => [word, 'stop'] as const,
  ),
  ...['start', 'unstop', 'yes'].map((word) => [word, 'start'] as const),
]);

/**
 * What the sender of a text wants. The word stands alone, in any case, perhaps with a mark behind it. `optOutType`: what the
 * provider made of it, which goes first: it knows the words of other languages. Null for any other text.
 */
export function readTextCommand(body: string, optOutType: string | null): 'stop' | 'start' | null {
  const said = words.get((optOutType ?? '').toLowerCase());
  return (
    said ??
    words.get(
      body
        .trim()
        .toLowerCase()
        .replace(/[\s.!"']+$/, ''),
    ) ??
    null
  );
}
