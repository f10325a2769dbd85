/** Texts that several bodies and paths share. Where there is a pattern, the description reads on from "must be". */
import { type TSchema, Type } from 'typebox';
import { identifierPattern } from '../../values/identifier.ts';

/** Users, categories, expenses, events: the caller's own ids. */
export const identifier = (description = '1 to 128 printable characters') =>
  Type.String({ pattern: identifierPattern, description });

export const instant = (description: string) => Type.String({ format: 'date-time', description });

export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
