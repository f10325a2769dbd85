/** What is kept as JSON with a person or a rule about when to interrupt. */

/** `start`, `end`: local times, `HH:MM`. `timezone` null: the person's. */
export type QuietHours = { enabled: boolean; start: string; end: string; timezone: string | null };

/** `at`: local time, `HH:MM`. */
export type DigestPreferences = { daily: boolean; weekly: boolean; at: string };
