/** Reads the pages that links in messages open. */

export const heading = (html: string): string => /<h1>(.*?)<\/h1>/.exec(html)?.[1] ?? '';
export const hasButton = (html: string): boolean => html.includes('<form method="post">');
