/**
 * The binary mode of CloudEvents: headers `ce-id`, `ce-type`, … hold the attributes of one event, and the body its data.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#31-binary-content-mode
 */
import type { FastifyRequest } from 'fastify';
import { invalid, invalidField } from './errors/problem.ts';

/** Names of attributes have letters and digits alone. */
const attributeHeader = /^ce-(?<name>[a-z\d]+)$/;

/**
 * A structured event may repeat its attributes in headers, which are not read then. Only `application/json` leaves open
 * which mode it is.
 */
export const isBinaryMode = ({ mediaType, headers }: FastifyRequest): boolean =>
  mediaType === 'application/json' && Object.keys(headers).some((name) => attributeHeader.test(name));

/**
 * Returns the event as its structured mode would have it. Throws 400 if the body is an event itself, and for headers that
 * are repeated or not percent-encoded.
 */
export function readBinaryEvent({ body, raw }: FastifyRequest): Record<string, unknown> {
  if (Array.isArray(body))
    throw invalidField('', 'must be the data of one event, whose attributes are in the ce- headers');
  if (typeof body === 'object' && body !== null && 'data' in body)
    throw invalidField('', 'must be the data alone, as the attributes of the event are in the ce- headers');
  const attributes = Object.entries(raw.headersDistinct).flatMap(([header, values = []]) => {
    const name = attributeHeader.exec(header)?.groups?.['name'];
    return name === undefined ? [] : [[name, readValue(header, values)] as const];
  });
  return { ...Object.fromEntries(attributes), data: body };
}

/** Headers are not signed, so nobody can tell where they are from. */
export function refuseBinaryMode(request: FastifyRequest): void {
  if (isBinaryMode(request))
    throw invalid(
      'The ce- headers are not signed. Send the event with its attributes in the body, or without these headers.',
      [],
    );
}

function readValue(header: string, [value = '', ...others]: readonly string[]): string {
  if (others.length > 0) throw wrongHeader(header, 'is there more than once');
  if (!/^[\t -~]*$/.test(value)) throw wrongHeader(header, 'has characters that must be percent-encoded');
  try {
    return decodeURIComponent(unquote(value));
  } catch {
    throw wrongHeader(header, 'is not percent-encoded UTF-8');
  }
}

/** Older senders quote values. https://www.rfc-editor.org/rfc/rfc7230#section-3.2.6 */
const unquote = (value: string): string =>
  /^".*"$/.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value;

const wrongHeader = (header: string, fault: string) => invalid(`The header ${header} ${fault}.`, []);
