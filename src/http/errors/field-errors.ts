/**
 * Explains which values of a request do not match its schema, and what is expected. TypeBox's own messages
 * are too technical for callers.
 */
import type { TSchema } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { escapePointer } from '../../ingest/decide/json-reader.ts';
import type { FieldError } from './problem.ts';

/** The validated part of the request, which decides how unknown names are reported. */
export type Part = 'body' | 'querystring';

/**
 * Returns the first error of each value. Errors from `or null` alternatives are left out, and so are those of a word where
 * an object is taken too and one was given.
 */
export function fieldErrorsOf(
  errors: readonly TLocalizedValidationError[],
  schema: TSchema,
  part: Part,
): FieldError[] {
  const byPointer = new Map<string, FieldError>();
  const inObjects = errors.filter(isHelpful).filter((error) => !isWordForObject(error, errors));
  for (const entry of inObjects.flatMap((error) => toFieldErrors(error, schema, part)))
    if (!byPointer.has(entry.pointer)) byPointer.set(entry.pointer, entry);
  return [...byPointer.values()];
}

/** TypeBox also reports each schema around the failed one. Those errors do not help a caller. */
const isHelpful = (error: TLocalizedValidationError): boolean =>
  error.keyword !== 'boolean' &&
  error.keyword !== 'anyOf' &&
  !(error.keyword === 'type' && error.params.type === 'null');

const isWordForObject = (
  { keyword, instancePath }: TLocalizedValidationError,
  errors: readonly TLocalizedValidationError[],
): boolean =>
  keyword === 'enum' &&
  errors.some(
    (each) =>
      each.instancePath.startsWith(`${instancePath}/`) ||
      (each.instancePath === instancePath &&
        (each.keyword === 'required' || each.keyword === 'additionalProperties')),
  );

function toFieldErrors(error: TLocalizedValidationError, schema: TSchema, part: Part): FieldError[] {
  const { instancePath } = error;
  if (error.keyword === 'required')
    return within(instancePath, error.params.requiredProperties, 'is required');
  if (error.keyword === 'additionalProperties')
    return within(instancePath, error.params.additionalProperties, unknownName(schema, part));
  return [{ pointer: instancePath, message: messageOf(error, schema) }];
}

const within = (path: string, names: readonly string[], message: string): FieldError[] =>
  names.map((name) => ({ pointer: `${path}/${escapePointer(name)}`, message }));

function unknownName(schema: TSchema, part: Part): string {
  if (part === 'body') return 'is not a known field';
  const { properties } = schema as { properties?: object };
  return `is not a known parameter: there are ${Object.keys(properties ?? {}).join(', ')}`;
}

const formats: Readonly<Record<string, string>> = {
  uuid: 'must be a UUID',
  date: 'must be a day, like 2026-11-22',
  'date-time': 'must be an RFC 3339 instant, like 2026-11-22T10:00:00Z',
};

function messageOf(error: TLocalizedValidationError, schema: TSchema): string {
  const failed = schemaAt(error, schema);
  const message =
    error.keyword === 'type' ? typeMessage(String(error.params.type), failed) : valueMessage(error, failed);
  return message ?? sizeMessage(error) ?? error.message;
}

function valueMessage(error: TLocalizedValidationError, failed: Annotations): string | undefined {
  if (error.keyword === 'enum') return `must be one of ${error.params.allowedValues.join(', ')}`;
  if (error.keyword === 'format') return formats[error.params.format];
  if (error.keyword === 'pattern') return patternMessage(failed);
  if (error.keyword === 'minimum') return `must be at least ${error.params.limit}`;
  if (error.keyword === 'maximum') return `must be at most ${error.params.limit}`;
  return undefined;
}

function sizeMessage(error: TLocalizedValidationError): string | undefined {
  if (error.keyword === 'minItems') return `must hold at least ${error.params.limit}`;
  if (error.keyword === 'maxItems') return `must hold at most ${error.params.limit}`;
  if (error.keyword === 'minLength') return `must have at least ${characters(error.params.limit)}`;
  if (error.keyword === 'maxLength') return `must have at most ${characters(error.params.limit)}`;
  return undefined;
}

const characters = (count: number): string => `${count} character${count === 1 ? '' : 's'}`;

type Annotations = { description?: unknown; examples?: unknown };

/** Finds the schema that failed. */
function schemaAt({ schemaPath }: TLocalizedValidationError, schema: TSchema): Annotations {
  const steps = schemaPath.split('/').slice(1);
  const failed = steps.reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), schema);
  return isObject(failed) ? failed : {};
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const types = new Map([
  ['object', 'an object'],
  ['array', 'an array'],
  ['string', 'a string'],
  ['integer', 'a whole number'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
]);

/**
 * Adds the schema's example, if it has one. A description that names a kind of text is more precise than `a
 * string`.
 */
function typeMessage(type: string, { description, examples }: Annotations): string | undefined {
  const isNamed = type === 'string' && typeof description === 'string' && /^an? /.test(description);
  const name = isNamed ? description : types.get(type);
  const example: unknown = Array.isArray(examples) ? examples[0] : undefined;
  if (!name || example === undefined || name.includes(', like ')) return name && `must be ${name}`;
  return `must be ${name}, like ${JSON.stringify(example)}`;
}

/** A pattern is not readable. A schema with a pattern has a description that continues the text "must be". */
const patternMessage = ({ description }: Annotations): string | undefined =>
  typeof description === 'string' ? `must be ${description}` : undefined;
