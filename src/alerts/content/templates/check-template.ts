import { Tokenizer, TokenKind } from 'liquidjs';
import type { FieldFault } from '../../../domain/problem.ts';
import type { AlertFacts } from '../alert-facts.ts';
import { isFactPath } from '../fact-table.ts';
import { checkHtml, positionOf } from './check-html.ts';
import { compileTemplate } from './compile-template.ts';
import type { TemplateChannel, TemplateText } from './template.ts';
import {
  faultAt,
  MAX_SOURCE_LENGTH,
  parseTemplate,
  TEMPLATE_ENGINES,
  type TemplateForm,
  templateFault,
} from './template-engine.ts';

const MAX_TITLE_SOURCE_LENGTH = 1_000;
/** Loops within loops; facts are short lists, and three deep they would still be long to go through. */
const MAX_LOOP_DEPTH = 2;
const MAX_FAULTS = 20;

/** What is wrong with a template, by field; it cannot be saved until nothing is. `samples`: facts that it must be able to tell. */
export function checkTemplate(
  channel: TemplateChannel,
  text: TemplateText,
  samples: readonly AlertFacts[],
): FieldFault[] {
  const faults = [...formFaults(channel, text)];
  if (text.title !== null) faults.push(...partFaults('title', 'text', text.title));
  faults.push(...partFaults('body', 'text', text.body));
  if (text.html !== null) faults.push(...partFaults('html', 'html', text.html));
  if (faults.length === 0) faults.push(...renderFaults(channel, text, samples));
  return faults.slice(0, MAX_FAULTS);
}

function formFaults(channel: TemplateChannel, { title, body, html }: TemplateText): FieldFault[] {
  const faults: FieldFault[] = [];
  if (channel === 'sms' && title !== null) faults.push({ path: 'title', message: 'a text message has no title' });
  if (channel !== 'email' && html !== null) faults.push({ path: 'html', message: 'only mails have HTML' });
  if (title !== null && /[\r\n]/.test(title)) faults.push({ path: 'title', message: 'a title is one line' });
  if (title !== null && title.length > MAX_TITLE_SOURCE_LENGTH) {
    faults.push({ path: 'title', message: `at most ${MAX_TITLE_SOURCE_LENGTH} characters` });
  }
  if (title?.trim() === '') faults.push({ path: 'title', message: 'says nothing; null keeps the title of ours' });
  if (body.trim() === '') faults.push({ path: 'body', message: 'says nothing' });
  return faults;
}

type Part = 'title' | 'body' | 'html';

function partFaults(path: Part, form: TemplateForm, source: string): FieldFault[] {
  if (source.length > MAX_SOURCE_LENGTH) return [{ path, message: `at most ${MAX_SOURCE_LENGTH} characters` }];
  if (/[^\P{C}\n\t\u200c\u200d]/u.test(source)) {
    return [{ path, message: 'holds control characters, or characters that nobody sees' }];
  }
  try {
    const faults = [...tagFaults(source), ...variableFaults(form, source)];
    if (form === 'html') faults.push(...checkHtml(source));
    return faults.map((message) => ({ path, message }));
  } catch (error) {
    return [{ path, message: templateFault(error) }];
  }
}

/** Loops go over lists of facts, not over ranges, whoever names one first, and not three deep. */
function tagFaults(source: string): string[] {
  const { options } = TEMPLATE_ENGINES.text;
  const faults: string[] = [];
  let depth = 0;
  for (const token of new Tokenizer(source, options.operators).readTopLevelTokens(options)) {
    if (token.kind !== TokenKind.Tag && token.kind !== TokenKind.Output) continue;
    const tag = source.slice(token.begin, token.end);
    if (withoutQuotes(tag).includes('..')) {
      faults.push(faultAt(positionOf(source, token.begin), 'loops go over lists, not over ranges'));
    }
    if (/^\{%-?\s*for\b/.test(tag)) {
      depth += 1;
      const at = positionOf(source, token.begin);
      if (depth > MAX_LOOP_DEPTH) faults.push(faultAt(at, `loops go at most ${MAX_LOOP_DEPTH} deep`));
    } else if (/^\{%-?\s*endfor\b/.test(tag)) depth -= 1;
  }
  return faults;
}

/** What Liquid would compute; two dots in a text are none of it. */
function withoutQuotes(tag: string): string {
  return tag.replace(/"[^"]*"|'[^']*'/g, '');
}

/** Variables that are no facts: a typing error would say nothing at the worst moment. */
function variableFaults(form: TemplateForm, source: string): string[] {
  const { globals } = TEMPLATE_ENGINES[form].analyzeSync(parseTemplate(form, source), { partials: false });
  return Object.values(globals)
    .flat()
    .flatMap((variable) => {
      const { row, col } = variable.location;
      const names = variable.segments.map((segment) => (typeof segment === 'string' ? segment : null));
      const path = names.at(-1) === 'size' ? names.slice(0, -1) : names;
      return !path.includes(null) && isFactPath(path.join('.'))
        ? []
        : [faultAt({ line: row, column: col }, `there is no fact ${String(variable)}`)];
    });
}

function renderFaults(channel: TemplateChannel, text: TemplateText, samples: readonly AlertFacts[]): FieldFault[] {
  const faults: FieldFault[] = [];
  const parts: readonly (readonly [Part, TemplateText])[] = [
    ['title', { title: text.title, body: '', html: null }],
    ['body', { title: null, body: text.body, html: null }],
    ['html', { title: null, body: '', html: text.html }],
  ];
  for (const [path, part] of parts) {
    try {
      const render = compileTemplate(channel, part);
      for (const facts of samples) render(facts);
    } catch (error) {
      faults.push({ path, message: templateFault(error) });
    }
  }
  return faults;
}
