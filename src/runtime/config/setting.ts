/** Describes a setting: its format, its meaning and an example. */
import { Type } from 'typebox';

/** A setting is wrong or missing; the message names it and shows an example. */
export class SettingError extends Error {}

/** Makes the error about a wrong value. */
export type Refuse = (name: string, message: string) => SettingError;

export const text = (description: string, example: string) =>
  Type.Optional(Type.String({ minLength: 1, description, examples: [example] }));

/** `mustBe` describes the format in messages about a wrong value, because patterns are hard to read. */
export const matching = (pattern: string, mustBe: string, description: string, example: string) =>
  Type.Optional(Type.String({ pattern, description, examples: [example], mustBe }));

export const url = (protocols: string, description: string, example: string) =>
  matching(
    `^(${protocols})://\\S+$`,
    `a URL, without spaces, that begins with ${example.split('//', 1)[0]}//`,
    description,
    example,
  );
