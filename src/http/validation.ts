/**
 * Checks requests against their routes' schemas with TypeBox: the library that made the schemas, and that
 * checks settings and payloads too. Bodies are taken as they are; query strings are converted, since they
 * are text. Every wrong value is named, and every name that is not known.
 */
import type { FastifySchema, FastifySchemaCompiler } from 'fastify';
import { type TProperties, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';
import { fieldErrorsOf } from './errors/field-errors.ts';
import { invalid, invalidField, notFound } from './errors/problem.ts';

/** TypeBox stops at the eighth by itself; bounded all the same, since bodies are the caller's. */
Settings.Set({ maxErrors: 100 });

/** Fastify's `validatorCompiler`. A path that cannot name anything is 404, other misfits are 400. */
export const compileValidator: FastifySchemaCompiler<FastifySchema> = ({ schema, httpPart }) => {
  // Every schema in the routes is made by TypeBox; Fastify's types do not know.
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
  // A query string is an object of parameters, in every route.
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
    // Fastify's word for nothing at all.
    if (given === null) return { error: invalidField('', 'is empty') };
    const value = validator.Default(given);
    if (validator.Check(value)) return { value };
    const errors = fieldErrorsOf(validator.Errors(value), type, 'body');
    return { error: invalid('The body is not valid.', errors) };
  };
}
