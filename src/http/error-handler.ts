/** Turns whatever was thrown into a problem document; what nobody expected is logged, and told to nobody. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isUnreachable } from './unreachable.ts';
import { notFound, Problem, problemMediaType, unavailable } from './problem.ts';

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(problemOf(error, request), request, reply);
}

export function answerNotFound(request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(notFound(), request, reply);
}

function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  const [path = '/'] = request.url.split('?');
  void reply
    .code(problem.status)
    .headers(problem.headers)
    .type(problemMediaType)
    .serializer(JSON.stringify)
    .send(problem.document(path));
}

function problemOf(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  if (isUnreachable(error)) {
    request.log.warn({ err: error }, 'database unreachable');
    return unavailable('The database does not answer.');
  }
  const known = frameworkProblem(error);
  if (known) return known;
  request.log.error({ err: error }, 'request failed');
  return new Problem(500);
}

const malformed = 'The body is not well-formed JSON, or has a member that is never taken, like __proto__.';

/** https://fastify.dev/docs/latest/Reference/Errors/ */
const details: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is larger than 5 MiB.',
  FST_ERR_CTP_INVALID_JSON_BODY: malformed,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The media type of the body is not taken here.',
};

/** What Fastify and Node refuse by themselves; their messages quote the request, so they get ours. */
function frameworkProblem(error: unknown): Problem | null {
  if (!isFastifyError(error)) return null;
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return null;
  const detail = error instanceof SyntaxError ? malformed : details[error.code];
  return new Problem(status, detail === undefined ? {} : { detail });
}

const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
