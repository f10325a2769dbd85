/**
 * Text schemas that several bodies and paths share. If a schema has a pattern, its description continues the
 * text "must be".
 */
import { type TSchema, Type } from 'typebox';
import { identifierPattern } from '../../values/identifier.ts';

/** Ids of users, categories, expenses and events, which the caller chooses. */
export const identifier = (description = '1 to 128 printable characters') =>
  Type.String({ pattern: identifierPattern, description });

export const instant = (description: string) => Type.String({ format: 'date-time', description });

export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
