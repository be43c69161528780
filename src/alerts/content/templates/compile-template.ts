import { Tokenizer, TokenKind } from 'liquidjs';
import type { AlertFacts } from '../alert-facts.ts';
import type { CompiledTemplate, TemplateChannel, TemplateText } from './template.ts';
import { NAME_MARK, parseTemplate, renderTemplate, TEMPLATE_ENGINES, type TemplateForm } from './template-engine.ts';

/** Throws where the template cannot be parsed. */
export function compileTemplate(channel: TemplateChannel, text: TemplateText): CompiledTemplate {
  const title = text.title === null ? null : compilePart('text', text.title);
  const body = compilePart('text', channel === 'chat' ? markNames(text.body) : text.body);
  const html = text.html === null ? null : compilePart('html', text.html);
  return (facts) => ({
    title: title && title(facts).replace(/\s+/g, ' '),
    body: body(facts),
    html: html && html(facts),
  });
}

function compilePart(form: TemplateForm, source: string): (facts: AlertFacts) => string {
  const template = parseTemplate(form, source);
  return (facts) => renderTemplate(form, template, facts);
}

/** `Floor: ` at the start of a line, written by the author. */
const NAME = /^([ \t]*)([^\n:]{1,60}):[ \t]+/gm;

/**
 * Marks the names of lines where the author wrote them: `Floor: {{ place.floor }}`. What a value says is no name, whatever
 * a caller calls itself.
 */
function markNames(source: string): string {
  const { options } = TEMPLATE_ENGINES.text;
  const tokens = new Tokenizer(source, options.operators).readTopLevelTokens(options);
  let isLineStart = true;
  return tokens
    .map((token) => {
      const text = source.slice(token.begin, token.end);
      // A condition puts nothing out: what follows it stands where the condition stood.
      if (token.kind === TokenKind.Tag) return text;
      const marked = token.kind === TokenKind.HTML ? markLiteral(text, isLineStart) : text;
      isLineStart = token.kind === TokenKind.HTML && /\n[ \t]*$/.test(text);
      return marked;
    })
    .join('');
}

function markLiteral(text: string, isLineStart: boolean): string {
  return text.replace(NAME, (whole, space: string, name: string, offset: number) =>
    offset === 0 && !isLineStart ? whole : `${space}${name}${NAME_MARK}`,
  );
}

/** The lines of a chat message as they were rendered; those without a name of their own have an empty one. */
export function namedLines(body: string): { name: string; value: string }[] {
  return body
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [first, ...rest] = line.split(NAME_MARK);
      return rest.length === 0
        ? { name: '', value: line }
        : { name: (first ?? '').trim(), value: rest.join(': ').trim() };
    })
    .filter(({ value }) => value !== '');
}
