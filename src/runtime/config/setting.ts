/** How a setting is described: what it must look like, what it means, and a right one. */
import { Type } from 'typebox';

/** A setting is wrong or missing; the message names it and shows a right one. */
export class SettingError extends Error {}

export const text = (description: string, example: string) =>
  Type.Optional(Type.String({ minLength: 1, description, examples: [example] }));

/** `mustBe` is what a message says of a wrong value: patterns are no words for people. */
export const matching = (pattern: string, mustBe: string, description: string, example: string) =>
  Type.Optional(Type.String({ pattern, description, examples: [example], mustBe }));

export const url = (protocols: string, description: string, example: string) =>
  matching(
    `^(${protocols})://\\S+$`,
    `a URL, without spaces, that begins with ${example.split('//', 1)[0]}//`,
    description,
    example,
  );
