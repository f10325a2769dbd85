/**
 * Converts whatever was thrown to a problem document. Unexpected errors are logged and their details are not
 * shown to the caller.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { TooManyConfirmations } from '../../accounts/address-confirmations.ts';
import { maxActiveRules, TooManyRules } from '../../alerts/rules/active-rules-limit.ts';
import { PeriodOver } from '../../alerts/rules/period-over.ts';
import { InboxFull } from '../../ingest/inbox.ts';
import { isLockTimeout } from '../../runtime/database/database.ts';
import { isUnreachable } from '../../runtime/database/unreachable.ts';
import { MonthlyLimitReached, NoLinkAddress } from '../../settings/set-addresses.ts';
import {
  invalidField,
  malformedJson,
  notFound,
  Problem,
  problemMediaType,
  tooManyRequests,
  unavailable,
} from './problem.ts';

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
  if (isLockTimeout(error)) {
    request.log.warn({ err: error }, 'waited too long for a lock');
    return unavailable('Another change took too long.');
  }
  if (error instanceof InboxFull)
    return tooManyRequests('Events come faster than the database takes them in.', 1);
  const refused = ruleProblem(error) ?? addressProblem(error);
  if (refused) return refused;
  const known = frameworkProblem(error, request);
  if (known) return known;
  request.log.error({ err: error }, 'request failed');
  return new Problem(500);
}

/** A refusal to make a rule active. */
function ruleProblem(error: unknown): Problem | null {
  if (error instanceof TooManyRules)
    return new Problem(409, {
      detail: `A person may have ${maxActiveRules} active rules. Switch one off first.`,
    });
  return error instanceof PeriodOver
    ? invalidField('/period/end', 'must be after today: an active rule needs a period that is not over')
    : null;
}

/** A refusal to ask for the confirmation of an address. */
function addressProblem(error: unknown): Problem | null {
  if (error instanceof TooManyConfirmations) return tooManyRequests(error.message, error.afterSeconds);
  if (error instanceof MonthlyLimitReached)
    return new Problem(409, {
      detail:
        'The address must be confirmed, and the tenant may send no more messages this month. An operator can raise the limit.',
    });
  if (error instanceof NoLinkAddress)
    return new Problem(409, {
      detail:
        'The address must be confirmed, and this service does not know the address of its links. Its operator has to set PUBLIC_URL.',
    });
  return null;
}

/** https://fastify.dev/docs/latest/Reference/Errors/ */
const details: Readonly<Record<string, (request: FastifyRequest) => string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ({ routeOptions }) =>
    `The body is larger than ${routeOptions.bodyLimit / 1024} KiB.`,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    'The media type of the body is not taken here. Say what is sent: "content-type: application/json".',
};

/** Errors that Fastify and Node raise themselves. Their messages quote the request, so they are replaced. */
function frameworkProblem(error: unknown, request: FastifyRequest): Problem | null {
  if (!isFastifyError(error)) return null;
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return null;
  if (error instanceof SyntaxError || error.code === 'FST_ERR_CTP_INVALID_JSON_BODY') return malformedJson();
  const detail = details[error.code]?.(request);
  return new Problem(status, detail === undefined ? {} : { detail });
}

const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
