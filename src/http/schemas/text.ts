/**
 * Text schemas that several bodies and paths share. If a schema has a pattern, its description continues the
 * text "must be".
 */
import { type TSchema, Type } from 'typebox';
import { identifierPattern, identifierRule, visiblePattern } from '../../values/identifier.ts';

/** Ids of users, categories, expenses and events, which the caller chooses. */
export const identifier = (description = identifierRule) =>
  Type.String({ pattern: identifierPattern, description });

/** A name that people give, on one line. */
export const label = (maxLength: number) =>
  Type.String({
    pattern: visiblePattern(maxLength),
    description: `1 to ${maxLength} printable characters, one of them visible`,
  });

export const instant = (description: string) => Type.String({ format: 'date-time', description });

export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
