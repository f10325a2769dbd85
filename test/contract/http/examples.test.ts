/** Makes every call of the OpenAPI document as its example shows, and checks the answers against the documented schemas. */
import Schema from 'typebox/schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Call, ReferenceWorld } from '../../support/worlds/openapi/reference-world.ts';

type JsonSchema = Record<string, unknown>;
type Media = { schema: JsonSchema; example?: unknown };
type Parameter = { name: string; in: string; required?: boolean; schema: JsonSchema; example?: unknown };
type Operation = {
  operationId: string;
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
};
type Described = { method: string; path: string; operation: Operation };

let world: ReferenceWorld;
let components: unknown;
let described: Described[];

beforeAll(async () => {
  world = await ReferenceWorld.begin();
  const document = (await world.service.get('/openapi.json')).body;
  components = closed(document.components);
  described = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
});
afterAll(() => world.end());

/** The schema with no members but those it names, so that what is not documented is found too. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const all = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isObject = all['type'] === 'object' && Object.keys(Object(all['properties'])).length > 0;
  return isObject ? { additionalProperties: false, ...all } : all;
}

function faultsOf(name: string, schema: JsonSchema, value: unknown): string[] {
  const [isRight, errors] = Schema.Errors({ ...Object(closed(schema)), components }, value);
  return isRight ? [] : errors.map(({ instancePath, message }) => `${name} ${instancePath}: ${message}`);
}

const usualOf = (content: Record<string, Media> | undefined): Media | undefined =>
  Object.values(content ?? {})[0];

const successesOf = ({ responses }: Operation) =>
  Object.entries(responses).filter(([status]) => status.startsWith('2'));

function callOf({ method, path, operation }: Described): Call {
  const { operationId, security = [], parameters = [], requestBody } = operation;
  const given = parameters.filter(({ example }) => example !== undefined);
  const pairs = (where: string): [string, string][] =>
    given.filter((each) => each.in === where).map(({ name, example }) => [name, String(example)]);
  return {
    operationId,
    method,
    path,
    security: security.flatMap(Object.keys),
    parameters: Object.fromEntries(pairs('path')),
    query: Object.fromEntries(pairs('query')),
    body: usualOf(requestBody?.content)?.example,
  };
}

/** Calls after which others would find nothing; last, in this order. */
const endings = [
  'disableRule',
  'deletePushSubscription',
  'stopMessages',
  'confirmAddress',
  'eraseUser',
  'eraseMe',
];

const rankOf = ({ operation }: Described): number => endings.indexOf(operation.operationId);

describe('every call of the OpenAPI document', () => {
  test('has an example that matches its schemas', () => {
    expect(described.length).toBeGreaterThan(40);
    const wrong = described.flatMap(({ operation }) => {
      const { operationId, parameters = [], requestBody } = operation;
      const needed = parameters.filter((each) => each.required || each.example !== undefined);
      const body = usualOf(requestBody?.content);
      return [
        ...needed.flatMap(({ name, schema, example }) => faultsOf(`${operationId} ${name}`, schema, example)),
        ...(body ? faultsOf(`${operationId} body`, body.schema, body.example) : []),
        ...successesOf(operation).flatMap(([status, { content }]) => {
          const answer = usualOf(content);
          return answer ? faultsOf(`${operationId} ${status}`, answer.schema, answer.example) : [];
        }),
      ];
    });
    expect(wrong).toEqual([]);
  });

  test('is answered as documented when it is made as the example shows', { timeout: 120_000 }, async () => {
    const wrong: string[] = [];
    for (const each of described.toSorted((one, other) => rankOf(one) - rankOf(other))) {
      const { status, body } = await world.make(callOf(each));
      const name = `${each.operation.operationId} ${status}`;
      const success = successesOf(each.operation).find(([documented]) => documented === String(status));
      if (!success) wrong.push(`${name}: ${JSON.stringify(body)}`);
      else wrong.push(...faultsOfAnswer(name, usualOf(success[1].content)?.schema, body));
    }
    expect(wrong).toEqual([]);
  });

  test('with a wrong field in its answer would be found', async () => {
    const call = described.find(({ operation }) => operation.operationId === 'compareSpending');
    const answer = usualOf(call?.operation.responses['200']?.content);
    const { schema = {}, example } = answer ?? {};
    // The example is that of a comparison.
    const { data } = example as { data: object };
    expect(faultsOf('', schema, { data })).toEqual([]);
    expect(faultsOf('', schema, { data: { ...data, isOutlier: 'no' } })).not.toEqual([]);
    expect(faultsOf('', schema, { data: { ...data, unknown: 1 } })).not.toEqual([]);
  });
});

function faultsOfAnswer(name: string, schema: JsonSchema | undefined, body: unknown): string[] {
  if (!schema) return body === '' ? [] : [`${name}: has a body`];
  const { data } = Object(body) as { data?: unknown };
  if (Array.isArray(data) && data.length === 0) return [`${name}: nothing in it`];
  return faultsOf(name, schema, body);
}
