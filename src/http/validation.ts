/**
 * Checks requests against their routes' schemas with TypeBox: the library that made the schemas, and that
 * checks settings and payloads too. Bodies are taken as they are; query strings are converted, since they
 * are text, and what they hold beside the known is ignored. Every wrong value is named.
 */
import type { FastifySchema, FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';
import { escapePointer } from '../domain/fields.ts';
import { type FieldError, invalid, notFound } from './problem.ts';

/** TypeBox stops at the eighth by itself; bounded all the same, since bodies are the caller's. */
Settings.Set({ maxErrors: 100 });

/** Fastify's `validatorCompiler`. A path that cannot name anything is 404, other misfits are 400. */
export const compileValidator: FastifySchemaCompiler<FastifySchema> = ({ schema, httpPart }) => {
  // Every schema in the routes is made by TypeBox; Fastify's types do not know.
  const type = schema as TSchema;
  const validator = Compile(type);
  if (httpPart === 'params')
    return (value: unknown) => (validator.Check(value) ? { value } : { error: notFound() });
  const isText = httpPart === 'querystring';
  const detail = isText ? 'The query string is not valid.' : 'The body is not valid.';
  return (given: unknown) => {
    const value = validator.Default(isText ? validator.Convert(validator.Clean(given)) : given);
    if (validator.Check(value)) return { value };
    return { error: invalid(detail, fieldErrorsOf(validator.Errors(value), type)) };
  };
};

/** One entry a value, its first error; of alternatives, those that are not just "or null". */
function fieldErrorsOf(errors: readonly TLocalizedValidationError[], schema: TSchema): FieldError[] {
  const byPointer = new Map<string, FieldError>();
  for (const entry of errors.filter(isTelling).flatMap((error) => toFieldErrors(error, schema)))
    if (!byPointer.has(entry.pointer)) byPointer.set(entry.pointer, entry);
  return [...byPointer.values()];
}

/** TypeBox also reports each schema around the one that failed; those say nothing a caller can use. */
const isTelling = (error: TLocalizedValidationError): boolean =>
  error.keyword !== 'boolean' &&
  error.keyword !== 'anyOf' &&
  !(error.keyword === 'type' && error.params.type === 'null');

function toFieldErrors(error: TLocalizedValidationError, schema: TSchema): FieldError[] {
  const { instancePath } = error;
  if (error.keyword === 'required')
    return within(instancePath, error.params.requiredProperties, 'is required');
  if (error.keyword === 'additionalProperties')
    return within(instancePath, error.params.additionalProperties, 'is not a known field');
  return [{ pointer: instancePath, message: messageOf(error, schema) }];
}

const within = (path: string, names: readonly string[], message: string): FieldError[] =>
  names.map((name) => ({ pointer: `${path}/${escapePointer(name)}`, message }));

const formats: Readonly<Record<string, string>> = {
  uuid: 'must be a UUID',
  date: 'must be a day, like 2026-11-22',
  'date-time': 'must be an RFC 3339 instant, like 2026-11-22T10:00:00Z',
};

function messageOf(error: TLocalizedValidationError, schema: TSchema): string {
  if (error.keyword === 'enum') return `must be one of ${error.params.allowedValues.join(', ')}`;
  if (error.keyword === 'format') return formats[error.params.format] ?? error.message;
  if (error.keyword === 'pattern') return patternMessage(error.schemaPath, schema) ?? error.message;
  return error.message;
}

/** A pattern is no message: the description of a schema that has one reads on from "must be". */
function patternMessage(schemaPath: string, schema: TSchema): string | undefined {
  const steps = schemaPath.split('/').slice(1);
  const failed = steps.reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), schema);
  const description = isObject(failed) ? failed['description'] : undefined;
  return typeof description === 'string' ? `must be ${description}` : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
