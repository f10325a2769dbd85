/**
 * Validates requests against their route schemas with TypeBox, which also checks settings and queue payloads.
 * Bodies are not converted. Query strings are converted, because they are text. Every wrong value and every
 * unknown name is reported.
 */
import type { FastifySchema, FastifySchemaCompiler } from 'fastify';
import { type TProperties, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';
import { fieldErrorsOf } from './errors/field-errors.ts';
import { invalid, invalidField, notFound } from './errors/problem.ts';
import { maxErrors, sizeErrorsOf } from './schema-size.ts';

/**
 * TypeBox stops at the eighth error by default. The number stays bounded, because bodies come from the
 * caller.
 */
Settings.Set({ maxErrors });

/** Fastify's `validatorCompiler`. An invalid path parameter gives 404, anything else 400. */
export const compileValidator: FastifySchemaCompiler<FastifySchema> = ({ schema, httpPart }) => {
  // All route schemas are made by TypeBox, which Fastify's types do not know.
  const type = schema as TSchema;
  if (httpPart === 'params') return checkPath(type);
  return httpPart === 'querystring' ? checkQuery(type) : checkBody(type);
};

type Checker = ReturnType<typeof compileValidator>;

function checkPath(type: TSchema): Checker {
  const validator = Compile(type);
  return (value: unknown) => (validator.Check(value) ? { value } : { error: notFound() });
}

function checkQuery(type: TSchema): Checker {
  // In every route the query string's schema is an object of parameters.
  const { properties } = type as TSchema & { properties: TProperties };
  const validator = Compile(Type.Object(properties, { additionalProperties: false }));
  return (given: unknown) => {
    const value = validator.Default(validator.Convert(given));
    if (validator.Check(value)) return { value };
    const errors = fieldErrorsOf(validator.Errors(value), type, 'querystring');
    return { error: invalid('The query string is not valid.', errors) };
  };
}

function checkBody(type: TSchema): Checker {
  const validator = Compile(type);
  return (given: unknown) => {
    // Fastify passes null for a missing body.
    if (given === null) return { error: invalidField('', 'is empty') };
    const sizes = sizeErrorsOf(type, given);
    if (sizes.length > 0) return { error: invalid('The body is not valid.', sizes) };
    const value = validator.Default(given);
    if (validator.Check(value)) return { value };
    const errors = fieldErrorsOf(validator.Errors(value), type, 'body');
    return { error: invalid('The body is not valid.', errors) };
  };
}
