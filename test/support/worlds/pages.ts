/** Reads the pages that links in messages open. */

export const heading = (html: string): string => /<h1>(.*?)<\/h1>/.exec(html)?.[1] ?? '';
/** The labels of the buttons in their order. */
export const buttons = (html: string): string[] =>
  [...html.matchAll(/<button[^>]*>(.*?)<\/button>/g)].map(([, label = '']) => label);
export const hasButton = (html: string): boolean => html.includes('<form method="post">');
