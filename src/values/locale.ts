/** Locales by their BCP 47 tags. */

/** The locale of people who have not chosen one. */
export const defaultLocale = 'en';

/** The tag in its canonical form ("de-AT"), or null if it is not well-formed. */
export function localeTag(text: string): string | null {
  try {
    return Intl.getCanonicalLocales(text)[0] ?? null;
  } catch {
    return null;
  }
}
