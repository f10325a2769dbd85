/** Puts an example of each call into the OpenAPI document: its parameters, its body and its successful answers. */
import { eventExamples } from './examples/events.ts';
import type { Example, Examples } from './examples/example.ts';
import { insightExamples } from './examples/insight.ts';
import { peopleExamples } from './examples/people.ts';
import { ruleExamples } from './examples/rules.ts';
import { spendingExamples } from './examples/spending.ts';

const examples: Examples = {
  ...eventExamples,
  ...ruleExamples,
  ...spendingExamples,
  ...insightExamples,
  ...peopleExamples,
};

type Content = Record<string, { example?: unknown }>;
type Operation = {
  operationId?: string;
  parameters?: { name: string; example?: unknown }[];
  requestBody?: { content: Content };
  responses?: Record<string, { content?: Content }>;
};

/** Changes the document, which `app.swagger()` has made. */
export function addExamples(document: object): void {
  // The document's shape is OpenAPI's.
  const { paths } = document as { paths: Record<string, Record<string, Operation>> };
  for (const methods of Object.values(paths))
    for (const operation of Object.values(methods)) {
      const example = examples[operation.operationId ?? ''];
      if (example) addExample(operation, example);
    }
}

function addExample(operation: Operation, { parameters = {}, body, answers = {} }: Example): void {
  for (const parameter of operation.parameters ?? []) {
    const value = parameters[parameter.name];
    if (value !== undefined) parameter.example = value;
  }
  if (body !== undefined) setExample(operation.requestBody?.content, body);
  for (const [status, answer] of Object.entries(answers))
    setExample(operation.responses?.[status]?.content, answer);
}

/** The first media type is the usual one. The others may share its object. */
function setExample(content: Content | undefined, example: unknown): void {
  const [type = '', usual] = Object.entries(content ?? {})[0] ?? [];
  if (content && usual) content[type] = { ...usual, example };
}
