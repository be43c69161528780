import { Liquid, LiquidError, type Template } from 'liquidjs';
import type { AlertFacts } from '../alert-facts.ts';
import { escapeHtml } from '../escape-html.ts';
import { oneLine } from '../one-line.ts';

/** Of one text of a template. */
export const MAX_SOURCE_LENGTH = 20_000;
/** What one text may become. */
const MAX_OUTPUT_LENGTH = 40_000;
/** Of everything that rendering one text makes on the way. */
const MEMORY_LIMIT = 400_000;
/** The longest that can be saved takes some ten; past it the words of ours go out. Calls are routed on this thread. */
const RENDER_LIMIT_MS = 50;
const RENDER_ATTEMPTS = 3;

const TAGS: ReadonlySet<string> = new Set([
  'if',
  'unless',
  'case',
  'for',
  'break',
  'continue',
  'assign',
  'comment',
  '#',
]);
const FILTERS: ReadonlySet<string> = new Set([
  'default',
  'upcase',
  'downcase',
  'capitalize',
  'truncate',
  'truncatewords',
  'append',
  'prepend',
  'replace',
  'remove',
  'strip',
  'join',
  'first',
  'last',
  'size',
]);

/** `text` for everything that is read as text; `html` for mails, where what comes out is escaped as HTML. */
export type TemplateForm = 'text' | 'html';

/** Stands between the name and the value of a line of chat; no value can hold it. */
export const NAME_MARK = '\uE000';

/** One line of plain text whatever a template puts out. */
function plainText(value: unknown): string {
  if (typeof value === 'string') return oneLine(value).replaceAll(NAME_MARK, '');
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? value.map(plainText).filter(Boolean).join(', ') : '';
}

/**
 * Liquid with what writing a message takes and nothing else: no files, no other templates, own properties alone, no way past
 * the escaping.
 */
function createEngine(escape: (value: unknown) => string): Liquid {
  const engine = new Liquid({
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    dynamicPartials: false,
    outputEscape: escape,
    parseLimit: MAX_SOURCE_LENGTH,
    renderLimit: RENDER_LIMIT_MS,
    memoryLimit: MEMORY_LIMIT,
  });
  for (const name of Object.keys(engine.tags)) if (!TAGS.has(name)) delete engine.tags[name];
  for (const name of Object.keys(engine.filters)) if (!FILTERS.has(name)) engine.unregisterFilter(name);
  return engine;
}

export const TEMPLATE_ENGINES: Readonly<Record<TemplateForm, Liquid>> = {
  text: createEngine(plainText),
  html: createEngine((value) => escapeHtml(plainText(value))),
};

/** Throws a `LiquidError` that says where. */
export function parseTemplate(form: TemplateForm, source: string): Template[] {
  return TEMPLATE_ENGINES[form].parse(source);
}

/** Throws when the template fails, takes too long or says too much. */
export function renderTemplate(form: TemplateForm, template: Template[], facts: AlertFacts): string {
  const output = renderInTime(TEMPLATE_ENGINES[form], template, facts);
  const text = typeof output === 'string' ? output : '';
  if (text.length > MAX_OUTPUT_LENGTH) throw new Error(`says more than ${MAX_OUTPUT_LENGTH} characters`);
  return tidy(text);
}

/** The engine counts time by the clock on the wall: where others had the processor meanwhile, the text is rendered again. */
function renderInTime(engine: Liquid, template: Template[], facts: AlertFacts): unknown {
  for (let attempt = 1; ; attempt += 1) {
    const before = process.threadCpuUsage();
    try {
      return engine.renderSync(template, facts);
    } catch (error) {
      const { user, system } = process.threadCpuUsage(before);
      const tookMs = (user + system) / 1_000;
      const isOfOthers = String(error).includes('template render limit exceeded') && tookMs < RENDER_LIMIT_MS;
      if (!isOfOthers || attempt === RENDER_ATTEMPTS) throw error;
    }
  }
}

/** Without the blank lines that conditions leave behind. */
function tidy(text: string): string {
  return text
    .split('\n')
    .map(withoutEndingBlanks)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Whoever wrote ten thousand blanks has them read once; an expression would begin anew at each of them. */
function withoutEndingBlanks(line: string): string {
  let end = line.length;
  while (line[end - 1] === ' ' || line[end - 1] === '\t') end -= 1;
  return line.slice(0, end);
}

/** What is wrong with a template, and where as far as that is known. */
export function templateFault(error: unknown): string {
  if (!LiquidError.is(error)) return error instanceof Error ? error.message : 'cannot be rendered';
  const [line, column] = error.token.getPosition();
  const message = error.originalError?.message ?? error.message.replace(/, line:\d+, col:\d+$/, '');
  return faultAt({ line, column }, message);
}

export type TemplatePosition = { line: number | undefined; column: number | undefined };

export function faultAt({ line, column }: TemplatePosition, message: string): string {
  return `line ${line ?? 1}, column ${column ?? 1}: ${message}`;
}
