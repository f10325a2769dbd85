/** A check of `doctor`: it finds out one thing in bounded time, and says what to fix. */
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
    return { name, ...(await within(withinMs, look)) };
  } catch (error) {
    return { name, ...fail(withoutSecrets(failureOf(error)), fix) };
  }
}

async function within<T>(ms: number, look: () => T | Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer in ${ms / 1000} s`)), ms);
  try {
    return await Promise.race([look(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Some errors repeat the URL with its password. */
const withoutSecrets = (message: string): string => message.replaceAll(/\/\/[^/@\s]+@/g, '//');

/** A URL without its user name, password and parameters, which may be secret. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
