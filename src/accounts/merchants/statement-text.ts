/** Removes what card statements add around a name: processors, order codes, branches and bank remarks. */
import { chainOf } from './chains.ts';
import {
  bankRemarks,
  companyForms,
  countries,
  looseForms,
  plainProcessors,
  processors,
  usual,
} from './vocabulary.ts';

const noLetters = /[^\p{L}\p{N}\p{M}]+/gu;
/** The form in which words are compared, without spaces and punctuation. */
export const squeezed = (text: string): string => text.replaceAll(noLetters, '');

const tradingAs = /.\sT\/A\s+(?<name>.*\p{L}{4}.*)$|.\s(?:TRADING AS|DBA)\s+(?<other>.*\p{L}{4}.*)$/u;
/** Japanese, Chinese, Korean and other legal forms that may stand next to a name without a space. */
const joinedForms =
  /株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限公司|주식회사|ش\.?م\.?م\.?|S\.\s?P\.\s?A\b\.?/g;

export function withoutRemarks(statement: string): string {
  const text = afterBankRemark(statement);
  const named = tradingAs.exec(text)?.groups;
  const name = afterProcessor(named?.['name'] ?? named?.['other'] ?? text);
  return [joinedForms, /\([^)]*(?:\)|$)/g].reduce(
    (text, pattern) => orElse(text.replaceAll(pattern, ' '), text),
    beforeDash(name),
  );
}

/** Matches `0312`, `12/03`, `12.03.24`, `2024-03-12` and `12 MAR`. */
const dated = String.raw`(?:(?:ON|DU|VOM) )?(?:\d{1,4}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|\d{4,8}|\d{1,2} \p{L}{3}(?: \d{2,4})?)`;
/** Matches a bank remark with its date: `CARTE 12/03`, `PURCHASE AUTHORIZED ON 03/12`, `KARTENZAHLUNG`. */
const bankRemark = new RegExp(
  `^(?:(?:${bankRemarks.always})(?: ${dated})?|(?:${bankRemarks.dated}) ${dated})(?: (?:TO|AT))? `,
  'u',
);
/** Matches a date at the end: `CARD PAYMENT TO NAME ON 12 MAR`. */
const bankDate = new RegExp(`(?<=\\S) (?=ON |DU |VOM )${dated}$`, 'u');

/** Returns the name after a bank remark, or the whole text if no name follows. */
function afterBankRemark(text: string): string {
  const remark = bankRemark.exec(text);
  const name = text.slice(remark?.[0].length ?? 0);
  return remark && isName(name) ? name.replace(bankDate, '') : text;
}

const orElse = (text: string, other: string): string => (squeezed(text).length > 1 ? text : other);

/**
 * Cuts at a dash or comma if the text before it is long enough for a name: `KFC - CAMBRIDGE`, `FOO LTD,
 * LONDON`.
 */
function beforeDash(text: string): string {
  const at = text.search(/(?<=\S)(?:\s+[-–—]|[-–—](?=\s)|,\s|;)/u);
  return at > 0 && squeezed(text.slice(0, at)).length > 2 ? text.slice(0, at) : text;
}

/** `SQ *NAME` becomes NAME, and so does `NAME*2K4RT7`. Each star is examined once. */
function afterProcessor(text: string): string {
  const [first = '', ...parts] = text.split('*');
  let name = first;
  for (const part of parts) name = acrossStar(name, part);
  return withoutPlainProcessor(name);
}

function acrossStar(left: string, right: string): string {
  const before = squeezed(left);
  // A single letter before a star belongs to the name: E*TRADE.
  if (before.length < 2) return left + right;
  if (isProcessor(before) && isName(right) && !squeezed(right).startsWith(before)) return right;
  const [word = ''] = right.trim().split(/\s/u, 1);
  const together = chainOf([before + squeezed(word)]);
  return together && together !== chainOf([before]) ? together : left;
}

/** Two or three letters before a star nearly always are a processor. */
const isProcessor = (word: string): boolean => processors.has(word) || /^\p{L}{2,3}$/u.test(word);

function isName(text: string): boolean {
  const words = text.trim().split(/\s+/u).map(squeezed);
  return /^\p{L}{2}|^\d{1,2}\p{L}{2}\D*$|^\d$/u.test(words[0] ?? '') && !words.every(saysNothing);
}

/** Matches `2K4RT7`, but not a name that ends in a number. */
const code = /^\p{L}?\d+$|\d\p{L}+\d|^\d{3}/u;
const saysNothing = (word: string): boolean =>
  usual.has(word.replace(/\d+$/, '')) ||
  [countries, companyForms, looseForms].some((known) => known.has(word)) ||
  code.test(word);

function withoutPlainProcessor(text: string): string {
  const [first = '', ...rest] = text.trim().split(/\s+/u);
  const glued = /^AMZ(?=[^N\W\d])/.exec(first);
  if (glued) return text.trim().slice(glued[0].length);
  if (!plainProcessors.has(squeezed(first)) || !isName(rest.join(' '))) return text;
  // A marketplace paid through PayPal may follow, possibly cut short: `PAYPAL NAME EB`.
  return rest.join(' ').replace(/(?<=\S\s+)EB(?:A|AY)?$/, '');
}
