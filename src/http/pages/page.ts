/**
 * Pages that a link in a message opens without signing in: texts, and perhaps buttons that post to the page's own
 * address. They contain nothing of the request. Link scanners may open them, so only a button changes something.
 */
import { createHash } from 'node:crypto';
import { Eta } from 'eta';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { catalogueFor, say } from '../../values/catalogue/catalogue.ts';
import type { InLocale } from '../../values/display.ts';
import { notFound } from '../errors/problem.ts';

/** `field`: what the form posts. */
export type Button = { label: string; field?: { name: string; value: string } };

/** `from`: the tenant's name, where the link says whose it is. The first button is the one that the page is for. */
export type Page = {
  from?: string;
  title: string;
  texts: readonly string[];
  sections?: readonly { heading: string; lines: readonly string[] }[];
  buttons?: readonly Button[];
  foot?: string;
};

const style = `
  :root { color-scheme: light dark; }
  body { margin: 0; font: 1.0625rem/1.6 system-ui, sans-serif; color: light-dark(#1b2430, #e6eaf0);
    background: light-dark(#f4f6f8, #11161d); overflow-wrap: anywhere; }
  main { box-sizing: border-box; width: min(34rem, 100% - 2rem); margin: 12vh auto 2rem; padding: 2rem;
    border: 1px solid light-dark(#d9dfe6, #2b3440); border-radius: 0.75rem;
    background: light-dark(#ffffff, #1a212a); }
  .from, .foot { font-size: 0.9375rem; color: light-dark(#566171, #9aa7b6); }
  h1 { margin: 0.25rem 0 0.75rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
  h2 { margin: 1.5rem 0 0.25rem; font-size: 1.0625rem; }
  p { margin: 0; text-wrap: pretty; }
  p + p { margin-top: 0.5rem; }
  .from + h1 { margin-top: 0.25rem; }
  .foot { margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid light-dark(#d9dfe6, #2b3440); }
  form { margin-top: 0.75rem; }
  p + form, h1 + form { margin-top: 1.5rem; }
  button { padding: 0.625rem 1.25rem; border: 1px solid light-dark(#8a97a6, #5b6875); border-radius: 0.5rem;
    font: inherit; font-weight: 600; color: inherit; background: transparent; cursor: pointer; }
  button:hover { background: light-dark(#eef1f4, #232c37); }
  .main { border-color: #1d5fc4; color: #ffffff; background: #1d5fc4; }
  .main:hover { background: #184fa4; }
  button:focus-visible { outline: 3px solid light-dark(#1b2430, #e6eaf0); outline-offset: 2px; }
  @media (max-width: 30rem) { main { margin-top: 1rem; padding: 1.5rem; } button { width: 100%; } }
`;

/** The value of `content-security-policy`. It allows this style and a form to the same origin only. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const eta = new Eta({ autoEscape: true });

/** Everything in `<%=` is escaped. Names keep their own text direction. */
const template = eta.compile(`<!doctype html>
<html lang="<%= it.language %>" dir="<%= it.direction %>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title><%= it.head %></title>
<style>${style}</style>
</head>
<body>
<main>
<p class="from"><bdi dir="auto"><%= it.from %></bdi></p>
<h1><%= it.title %></h1>
<% it.texts.forEach((text) => { %>
<p><%= text %></p>
<% }) %>
<% it.sections.forEach(({ heading, lines }) => { %>
<h2><%= heading %></h2>
<% lines.forEach((line) => { %>
<p><%= line %></p>
<% }) %>
<% }) %>
<% it.buttons.forEach(({ label, field }, index) => { %>
<form method="post"><% if (field) { %><input type="hidden" name="<%= field.name %>" value="<%= field.value %>"><% } %><button<% if (index === 0) { %> class="main"<% } %>><%= label %></button></form>
<% }) %>
<% if (it.foot) { %>
<p class="foot"><%= it.foot %></p>
<% } %>
</main>
</body>
</html>
`);

export function renderPage(
  { sections = [], buttons = [], foot = '', ...page }: Page,
  reader: InLocale,
): string {
  const { language, direction } = catalogueFor(reader.locale);
  const from = page.from ?? say(reader, 'page.brand');
  const head = say(reader, 'page.title', { title: page.title, brand: from });
  return eta.render(template, { ...page, sections, buttons, foot, language, direction, from, head });
}

/** The bodies that browsers and mail programs post have about 200 bytes. */
export const pageBodyLimitBytes = 4096;

/** For the routes that `app` gets from now on. Any body is taken, as bytes: programs differ in what they post. */
export function servePages(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (_request, reply) => {
    reply
      .header('content-security-policy', policy)
      .header('referrer-policy', 'no-referrer')
      .header('x-robots-tag', 'noindex')
      .header('cache-control', 'no-store');
  });
}

export const sendPage = (reply: FastifyReply, page: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(page);

/** For a link that is nobody's. Programs get a problem document, as on all other routes. */
export function sendUnknownLink(request: FastifyRequest, reply: FastifyReply, page: string): FastifyReply {
  if (!request.headers.accept?.includes('text/html')) throw notFound();
  return sendPage(reply.code(404), page);
}

/** For a route's `schema`. */
export const linkParams = Type.Object({
  token: Type.String({ description: 'the token of the message’s link; it is the only credential' }),
});

/** For a route's `schema.response`. */
export const pageResponse = (description: string) => ({
  description,
  content: { 'text/html': { schema: Type.String() } },
});
