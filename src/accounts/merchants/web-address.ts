/** The name inside an Internet address: `WWW.WEPRINT.AVERY.CO.UK/SHOP` is Avery's. */
import { domains } from './vocabulary.ts';

const address =
  /^(?<opening>HTTPS?:\/\/(?:WWW\.)?|WWW\.(?=.))?(?<host>[\p{L}\p{N}\p{M}_&'’-]+(?:\.[\p{L}\p{N}\p{M}_&'’-]*)*)(?:[/?:#].*)?$/u;
/** An order's code stuck to the end of an address whose star was lost: `AMAZON.CO.UKAW6I06V25`. */
const stuckCode = /^(?:COM|UK|DE|FR|IT|ES|CA)(?=\D*\d)[A-Z0-9]{6,}$/;

/** An address that a space went through: `WWW.TWO WORDS.CO.UK`. */
const torn = /(?<=^|\s)(?<start>WWW\.[\p{L}\p{N}\p{M}-]+) (?=[\p{L}\p{N}\p{M}-]+\.(?<domain>\p{L}+))/u;

export const mended = (text: string): string =>
  text.replace(torn, (whole, start: string, domain: string) => (isDomain(domain) ? start : whole));

/** Null where the text is no address. Statements cut addresses short anywhere: `WWW.NAME.CO.U`. */
export function webName(text: string): string | null {
  if (!/\.|:\/\//.test(text)) return null;
  const { opening, host = '' } = address.exec(text)?.groups ?? {};
  const labels = host.split('.').filter(Boolean);
  const isAddress = opening !== undefined || (labels.length > 1 && isDomain(labels.at(-1) ?? ''));
  return isAddress ? registered(labels) : null;
}

/** The label before the domains: who registered the address. */
function registered(labels: readonly string[]): string | null {
  const end = labels.findLastIndex((label) => label.length > 2 && !isDomain(label));
  const name = labels[Math.max(0, end)] ?? '';
  return name.length > 1 ? name : null;
}

const isDomain = (label: string): boolean => domains.has(label) || stuckCode.test(label);
