/**
 * Errors as RFC 9457 problem documents. Routes throw a `Problem`, and `error-handler.ts` converts everything
 * else that is thrown. https://www.rfc-editor.org/rfc/rfc9457
 */
import { STATUS_CODES } from 'node:http';
import { type Static, type TSchema, Type } from 'typebox';

export const problemMediaType = 'application/problem+json';

export const fieldError = Type.Object({
  pointer: Type.String({ description: 'JSON Pointer (RFC 6901) to the value at fault' }),
  message: Type.String(),
});

export type FieldError = Static<typeof fieldError>;

const problemMembers = {
  type: Type.String({ description: '`about:blank`: the status is the type' }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  instance: Type.String({ description: 'the path of the request' }),
  errors: Type.Optional(Type.Array(fieldError)),
};

export const problemDocument = Type.Object(problemMembers);

export type ProblemDocument = Static<typeof problemDocument>;

type ProblemParts = {
  detail?: string;
  errors?: readonly FieldError[];
  headers?: Readonly<Record<string, string>>;
  /** Extension members, beyond those of the standard. */
  members?: Readonly<Record<string, unknown>>;
};

/** An answer other than success. It is not logged, and its text is meant for the caller. */
export class Problem extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #parts: ProblemParts;

  constructor(status: number, parts: ProblemParts = {}) {
    super(parts.detail ?? STATUS_CODES[status] ?? 'error');
    this.status = status;
    this.headers = parts.headers ?? {};
    this.#parts = parts;
  }

  document(path: string): ProblemDocument {
    const { detail, errors, members } = this.#parts;
    return {
      type: 'about:blank',
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      ...(detail === undefined ? {} : { detail }),
      instance: path,
      ...(errors === undefined ? {} : { errors: [...errors] }),
      ...members,
    };
  }
}

/** Also used if the caller may not see the resource: 404, never 403. */
export const notFound = (detail?: string): Problem =>
  new Problem(404, detail === undefined ? {} : { detail });

export const invalid = (detail: string, errors: readonly FieldError[]): Problem =>
  new Problem(400, { detail, errors });

/**
 * For one wrong value: `invalidField('/budgetAmount', 'must be …')`. The pointer `''` stands for the whole
 * body.
 */
export const invalidField = (pointer: string, message: string): Problem =>
  invalid(pointer === '' ? `The body ${message}.` : `${pointer} ${message}`, [{ pointer, message }]);

/** Runs a check of one part of the body, and puts the pointer of that part before those of its errors. */
export function checkWithin<T>(pointer: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { detail, errors } = error.document('');
    if (!errors) throw error;
    throw invalid(
      detail ?? error.message,
      errors.map((each) => ({ ...each, pointer: pointer + each.pointer })),
    );
  }
}

export const notUtf8 = (): Problem =>
  new Problem(400, { detail: 'The body is not well-formed JSON: its bytes are not UTF-8.' });

/** For a body that is not JSON. */
export const malformedJson = (): Problem =>
  new Problem(400, {
    detail: 'The body is not well-formed JSON, or has a member that is never taken, like __proto__.',
  });

export const unavailable = (detail: string): Problem =>
  new Problem(503, { detail, headers: { 'retry-after': '2' } });

/** `afterSeconds` is the time until a retry makes sense. The header has whole seconds, at least one. */
export const tooManyRequests = (detail: string, afterSeconds: number): Problem =>
  new Problem(429, { detail, headers: { 'retry-after': String(Math.max(1, Math.ceil(afterSeconds))) } });

const descriptions: Readonly<Record<number, string>> = {
  400: 'The request is malformed; `errors` names every wrong value.',
  401: 'The credential or signature is missing, wrong, expired, revoked or of the wrong kind.',
  404: 'The resource does not exist, or the caller may not see it.',
  409: 'The request contradicts what is stored.',
  413: 'The body is larger than allowed here, in most cases 64 KiB.',
  415: 'The media type of the body is not accepted here.',
  429: 'Too many requests or events at a time; try again after `Retry-After` seconds.',
  503: 'A dependency does not answer; try again after `Retry-After` seconds.',
};

/** For a route's `schema.response`: `{ 200: …, ...problems(400, 401, 404) }`. 503 is always included. */
export const problems = (...statuses: readonly number[]): Record<number, unknown> =>
  Object.fromEntries([...statuses, 503].map((status) => [status, problemResponse(status)]));

/** A problem document with extension members. */
export const problemWith = (members: Record<string, TSchema>) =>
  Type.Object({ ...problemMembers, ...members });

export const problemResponse = (status: number, members: Record<string, TSchema> = {}) => ({
  description: descriptions[status] ?? STATUS_CODES[status],
  content: { [problemMediaType]: { schema: problemWith(members) } },
});
