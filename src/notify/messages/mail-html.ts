/**
 * Renders a mail as HTML. Blocks instead of tables keep the reading order at any width and for screen readers.
 * Colours are inline, for programs that drop style sheets; the colours of dark mode are in the style sheet.
 */
import { Eta } from 'eta';
import { catalogueFor } from '../../values/catalogue/catalogue.ts';
import type { InLocale } from '../../values/display.ts';
import type { MailLink } from './mail-links.ts';
import type { MailItem, MailMessage } from './mail-message.ts';
import type { MailFigures } from './mail-summary.ts';

const eta = new Eta({ autoEscape: true });

/** Colours of the bar by severity: within the budget and beyond it. */
const tones = {
  calm: ['#3f8f6b', '#3f8f6b'],
  info: ['#3b78b5', '#1f5285'],
  warning: ['#c98a1b', '#8f5f0a'],
  danger: ['#d9772b', '#9c4410'],
  critical: ['#cf5548', '#8f2419'],
} as const satisfies Record<MailItem['bar']['tone'], readonly [string, string]>;

const sheet = `
  body { margin: 0; padding: 0; }
  a { color: #1f5285; }
  @media (max-width: 480px) {
    .page { padding: 12px 8px !important; }
    .card { padding: 20px 18px !important; }
    .foot { padding: 16px 18px !important; }
    .from { padding: 0 18px 10px !important; }
    .spent { font-size: 30px !important; }
  }
  @media (prefers-color-scheme: dark) {
    .ground { background-color: #14171b !important; }
    .card { background-color: #1f242a !important; border-color: #333b44 !important; }
    .ink { color: #eceff2 !important; }
    .soft { color: #b3bcc6 !important; }
    .beyond { background-color: #f2c1a6 !important; }
    .rail { background-color: #3a434d !important; }
    .rule { border-color: #333b44 !important; }
    .mark { background-color: #4a2320 !important; color: #ffc9c2 !important; }
    a { color: #9cc8f2 !important; }
    .button { color: #ffffff !important; }
  }`;

/** Everything in `<%=` is escaped. Names are in `bdi`, so that they keep their own text direction. */
const page = eta.compile(`<!DOCTYPE html>
<html lang="<%= it.language %>" dir="<%= it.direction %>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title><%= it.subject %></title>
<style>:root { color-scheme: light dark; }${sheet}
</style>
</head>
<body class="ground" style="margin:0;padding:0;background-color:#f2f4f6">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all"><%= it.preheader %></div>
<div class="page ink" style="padding:32px 16px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#1d242b">
<main style="max-width:560px;margin:0 auto">
<p class="soft from" style="margin:0;padding:0 32px 10px;font-size:14px;color:#56616c"><bdi dir="auto"><%= it.sender %></bdi></p>
<div class="card" style="background-color:#ffffff;border:1px solid #dde2e7;border-radius:12px;padding:28px 32px">
<% if (it.heading) { %>
<h1 class="ink" style="margin:0 0 8px;font-size:22px;line-height:1.3;font-weight:600;color:#1d242b"><%= it.heading %></h1>
<% } %>
<% if (it.paragraph) { %>
<p style="margin:0"><%= it.paragraph %></p>
<% } %>
<% if (it.action) { %>
<p style="margin:20px 0 0"><a class="button" href="<%= it.action.url %>" style="display:inline-block;padding:10px 20px;border-radius:8px;background-color:#1d5fc4;font-weight:600;text-decoration:none;color:#ffffff"><%= it.action.label %></a></p>
<% } %>
<% if (it.figures) { %>
<p style="margin:4px 0 0"><span class="spent ink" style="font-size:36px;line-height:1.25;font-weight:700;color:#1d242b"><%= it.figures.total %></span></p>
<p style="margin:4px 0 0"><%= it.figures.details %></p>
<% it.figures.sections.forEach((section) => { %>
<div class="rule" style="margin-top:16px;padding-top:20px;border-top:1px solid #dde2e7">
<h2 class="ink" style="margin:0 0 8px;font-size:18px;line-height:1.3;font-weight:600;color:#1d242b"><%= section.heading %></h2>
<% section.rows.forEach((row) => { %>
<div style="margin-top:10px"><div style="overflow:hidden;overflow-wrap:anywhere"><bdi dir="auto" style="float:left"><%= row.name %></bdi> <span class="ink" style="float:right;font-weight:600;color:#1d242b"><%= row.value %></span></div>
<% if (row.bar) { %>
<div class="rail" aria-hidden="true" style="height:6px;margin:4px 0 0;border-radius:3px;overflow:hidden;background-color:#e3e7eb"><div style="float:left;width:<%= row.bar.within %>%;height:6px;background-color:<%= row.colours[0] %>"></div><% if (row.bar.beyond) { %><div class="beyond" style="float:left;width:<%= row.bar.beyond %>%;height:6px;background-color:<%= row.colours[1] %>"></div><% } %></div>
<% } %>
</div>
<% }) %>
<% if (section.rest) { %>
<p class="soft" style="margin:8px 0 0;color:#56616c"><%= section.rest %></p>
<% } %>
</div>
<% }) %>
<% } %>
<% it.items.forEach((item, index) => { const level = it.heading ? 'h2' : 'h1'; %>
<div class="rule" style="<%= it.heading ? 'margin-top:16px;padding-top:20px;border-top:1px solid #dde2e7' : '' %>">
<<%= level %> class="ink" style="margin:0;font-size:18px;line-height:1.3;font-weight:600;color:#1d242b;overflow-wrap:anywhere"><bdi dir="auto"><%= item.name %></bdi><% if (item.period) { %>, <%= item.period %><% } %></<%= level %>>
<p style="margin:4px 0 0;overflow-wrap:anywhere"><span class="spent ink" style="font-size:<%= it.heading ? '26px' : '36px' %>;line-height:1.25;font-weight:700;color:#1d242b"><%= item.spent %></span> <span class="soft" style="color:#56616c"><%= item.ofBudget %></span></p>
<div class="rail" aria-hidden="true" style="height:10px;margin:10px 0 12px;border-radius:5px;overflow:hidden;background-color:#e3e7eb"><div style="float:left;width:<%= item.bar.within %>%;height:10px;background-color:<%= item.colours[0] %>"></div><% if (item.bar.beyond) { %><div class="beyond" style="float:left;width:<%= item.bar.beyond %>%;height:10px;background-color:<%= item.colours[1] %>"></div><% } %></div>
<% item.lines.forEach((line, index) => { %>
<p style="margin:<%= index ? '6px' : '0' %> 0 0;overflow-wrap:anywhere"><%= line %></p>
<% }) %>
<% if (item.mark) { %>
<p style="margin:10px 0 0"><span class="mark" style="display:inline-block;padding:2px 10px;border-radius:10px;background-color:#fbe4e1;font-size:14px;color:#84231a"><%= item.mark %></span></p>
<% } %>
</div>
<% }) %>
<% if (it.note) { %>
<p class="soft" style="margin:20px 0 0;color:#56616c"><%= it.note %></p>
<% } %>
</div>
<% if (it.why || it.links.length) { %>
<div class="soft foot" style="padding:16px 32px;font-size:14px;color:#56616c">
<% if (it.why) { %>
<p style="margin:0"><%= it.why %></p>
<% } %>
<% it.links.forEach((link) => { %>
<p style="margin:8px 0 0"><a href="<%= link.url %>"><%= link.label %></a></p>
<% }) %>
</div>
<% } %>
</main>
</div>
</body>
</html>
`);

/** `sender`: the tenant's name. */
export function mailHtml(mail: MailMessage, sender: string, links: MailLink[], reader: InLocale): string {
  const { language, direction } = catalogueFor(reader.locale);
  const items = mail.items.map((item) => ({
    ...item,
    lines: [item.news, `${item.share} ${item.balance}`, item.tipped, item.carried].filter(
      (line) => line !== null,
    ),
    colours: tones[item.bar.tone],
  }));
  const figures = mail.figures && figuresOf(mail.figures);
  return eta.render(page, { ...mail, sender, language, direction, figures, items, links });
}

const figuresOf = (figures: MailFigures) => ({
  ...figures,
  sections: figures.sections.map(({ rows, ...section }) => ({
    ...section,
    rows: rows.map((row) => ({
      ...row,
      colours: tones[row.bar?.tone ?? 'calm'],
    })),
  })),
});
