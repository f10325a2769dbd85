/** Locales by their BCP 47 tags. */

/** Of whoever has not said. */
export const defaultLocale = 'en';

/** The tag in its canonical form ("de-AT"), or null where it is not well-formed. */
export function localeTag(text: string): string | null {
  try {
    return Intl.getCanonicalLocales(text)[0] ?? null;
  } catch {
    return null;
  }
}
