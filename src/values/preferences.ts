/** The preferences about interruptions that are stored as JSON with a person or a rule. */

/** `start` and `end` are local times, `HH:MM`. `timezone` null: the person's. */
export type QuietHours = { enabled: boolean; start: string; end: string; timezone: string | null };

/** `at` is a local time, `HH:MM`. */
export type DigestPreferences = { daily: boolean; weekly: boolean; at: string };
