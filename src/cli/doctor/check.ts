/** A check of `doctor`: it finds out one thing in bounded time, and says what to fix. */
import { within } from '../../runtime/within.ts';
import { failureOf } from '../failure.ts';

export type Verdict = {
  status: 'ok' | 'warn' | 'fail';
  /** The finding; it never contains a secret. */
  seen: string;
  /** The remedy; absent if all is well. */
  fix?: string;
};

export type Check = { name: string } & Verdict;

export const ok = (seen: string): Verdict => ({ status: 'ok', seen });
export const warn = (seen: string, fix: string): Verdict => ({ status: 'warn', seen, fix });
export const fail = (seen: string, fix: string): Verdict => ({ status: 'fail', seen, fix });

const timeoutMs = 5_000;

/** A check that throws, or takes longer than `withinMs`, fails with `fix`. */
export async function check(
  name: string,
  fix: string,
  look: () => Verdict | Promise<Verdict>,
  withinMs = timeoutMs,
): Promise<Check> {
  try {
    const verdict = Promise.try(look);
    return { name, ...(await within(withinMs, verdict, `no answer in ${withinMs / 1000} s`)) };
  } catch (error) {
    return { name, ...fail(withoutSecrets(failureOf(error)), fix) };
  }
}

/** Some errors repeat the URL with its password. */
const withoutSecrets = (message: string): string => message.replaceAll(/\/\/[^/@\s]+@/g, '//');

/** A URL without its user name, password and parameters, which may be secret. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
