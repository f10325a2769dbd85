/**
 * Checks the sizes in a value before its schema is applied: lengths of arrays and numbers of members. TypeBox collects
 * errors of a whole value, however large it is, so a large one must not come to it.
 */
import type { TSchema } from 'typebox';
import { escapePointer } from '../ingest/decide/json-reader.ts';
import type { FieldError } from './errors/problem.ts';

/** The errors of a value that are reported. */
export const maxErrors = 100;

type Sized = {
  type?: string;
  items?: Sized;
  maxItems?: number;
  maxProperties?: number;
  properties?: Record<string, Sized>;
  additionalProperties?: unknown;
  anyOf?: Sized[];
};

/** Returns the first error, or null. It follows only what the schema declares. */
export const sizeErrorsOf = (schema: TSchema, value: unknown): FieldError[] => errorsAt(schema, value, '');

function errorsAt(schema: Sized, value: unknown, pointer: string): FieldError[] {
  if (typeof value !== 'object' || value === null) return [];
  const isArray = Array.isArray(value);
  const fitting = (schema.anyOf ?? [schema]).find(({ type }) => type === (isArray ? 'array' : 'object'));
  if (!fitting) return isArray && value.length > maxErrors ? [{ pointer, message: 'is too long' }] : [];
  return isArray ? errorsOfArray(fitting, value, pointer) : errorsOfObject(fitting, value, pointer);
}

function errorsOfArray(
  { items = {}, maxItems = Infinity }: Sized,
  value: readonly unknown[],
  pointer: string,
): FieldError[] {
  if (value.length > maxItems) return [{ pointer, message: `must hold at most ${maxItems}` }];
  return firstOf(value.entries(), ([index, each]) => errorsAt(items, each, `${pointer}/${index}`));
}

function errorsOfObject(
  { properties = {}, additionalProperties, maxProperties = Infinity }: Sized,
  value: object,
  pointer: string,
): FieldError[] {
  const names = Object.keys(value);
  if (names.length > maxProperties)
    return [{ pointer, message: `must have at most ${maxProperties} members` }];
  const unknown = names.filter((name) => !Object.hasOwn(properties, name));
  if (additionalProperties === false && unknown.length > maxErrors)
    return unknown
      .slice(0, maxErrors)
      .map((name) => ({ pointer: `${pointer}/${escapePointer(name)}`, message: 'is not a known field' }));
  return firstOf(Object.entries(properties), ([name, property]) =>
    errorsAt(property, Reflect.get(value, name), `${pointer}/${escapePointer(name)}`),
  );
}

function firstOf<Item>(items: Iterable<Item>, errorsOf: (item: Item) => FieldError[]): FieldError[] {
  for (const item of items) {
    const errors = errorsOf(item);
    if (errors.length > 0) return errors;
  }
  return [];
}
