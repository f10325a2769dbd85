/** What a person ended by a link in a message, as it is kept to be undone. */

/** `fewer`: they chose to get less instead. */
export type StopChoice = 'stop' | 'fewer' | 'all';

/**
 * `link`: the channel and what the link ends. `rules`: those that it changed, each with its daily quota before where that
 * changed. `weekly`: whether the weekly digest was on before. `at`: RFC 3339.
 */
export type MessageStop = {
  link: string;
  choice: StopChoice;
  at: string;
  rules: { id: string; maxPerDay?: number }[];
  weekly?: boolean;
};
