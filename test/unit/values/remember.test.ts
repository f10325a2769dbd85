import { expect, test } from 'vitest';
import { remember } from '../../../src/values/remember.ts';

test('a result is computed once for the same texts, and again once too many others were asked for', () => {
  const computed: string[] = [];
  const joined = remember(2, (one: string, other: string) => {
    computed.push(`${one}-${other}`);
    return `${one}${other}`;
  });
  expect([joined('a', 'b'), joined('a', 'b'), joined('b', 'a')]).toEqual(['ab', 'ab', 'ba']);
  expect(computed).toEqual(['a-b', 'b-a']);
  expect([joined('c', 'c'), joined('a', 'b')]).toEqual(['cc', 'ab']);
  expect(computed).toEqual(['a-b', 'b-a', 'c-c', 'a-b']);
});
