/** Extracts the name from a web address: `WWW.WEPRINT.AVERY.CO.UK/SHOP` gives AVERY. */
import { domains } from './vocabulary.ts';

const address =
  /^(?<opening>HTTPS?:\/\/(?:WWW\.)?|WWW\.(?=.))?(?<host>[\p{L}\p{N}\p{M}_&'’-]+(?:\.[\p{L}\p{N}\p{M}_&'’-]*)*)(?:[/?:#].*)?$/u;
/** An order code joined to the end of an address, after its star was lost: `AMAZON.CO.UKAW6I06V25`. */
const stuckCode = /^(?:COM|UK|DE|FR|IT|ES|CA)(?=\D*\d)[A-Z0-9]{6,}$/;

/** An address broken by a space: `WWW.TWO WORDS.CO.UK`. */
const torn = /(?<=^|\s)(?<start>WWW\.[\p{L}\p{N}\p{M}-]+) (?=[\p{L}\p{N}\p{M}-]+\.(?<domain>\p{L}+))/u;

export const mended = (text: string): string =>
  text.replace(torn, (whole, start: string, domain: string) => (isDomain(domain) ? start : whole));

/** Null if the text is no address. Statements may cut an address anywhere: `WWW.NAME.CO.U`. */
export function webName(text: string): string | null {
  if (!/\.|:\/\//.test(text)) return null;
  const { opening, host = '' } = address.exec(text)?.groups ?? {};
  const labels = host.split('.').filter(Boolean);
  const isAddress = opening !== undefined || (labels.length > 1 && isDomain(labels.at(-1) ?? ''));
  return isAddress ? registered(labels) : null;
}

/** The label before the domain endings, which names the owner of the address. */
function registered(labels: readonly string[]): string | null {
  const end = labels.findLastIndex((label) => label.length > 2 && !isDomain(label));
  const name = labels[Math.max(0, end)] ?? '';
  return name.length > 1 ? name : null;
}

const isDomain = (label: string): boolean => domains.has(label) || stuckCode.test(label);
