import { Tokenizer, TokenKind } from 'liquidjs';
import { faultAt, TEMPLATE_ENGINES } from './template-engine.ts';

/** What the HTML of a mail's template may hold; none of them runs anything, loads anything or leaves the layout. */
const ELEMENTS: ReadonlySet<string> = new Set(
  'p br hr b strong i em u small h2 h3 ul ol li table tbody thead tr th td a span div blockquote'.split(' '),
);
const VOID: ReadonlySet<string> = new Set(['br', 'hr']);

/** Where Liquid puts something out, and where it decides. */
const OUTPUT = '\uE001';
const TAG = '\uE002';

const ELEMENT = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z-]+\s*=\s*"[^"<>]*")*)\s*\/?>/y;
const ATTRIBUTE = /([a-zA-Z-]+)\s*=\s*"([^"]*)"/g;
/** The facts that are links, or a number that is called. */
const LINK_OUTPUT = /^(?:\{\{-?\s*links\.\w+\s*-?\}\}|tel:\{\{-?\s*callback\.number\s*-?\}\})$/;
const LITERAL_LINK = /^(?:https:\/\/|mailto:|tel:)[^\s{}]+$/i;

/**
 * What is wrong with the HTML of a template. Liquid may put out text between elements, and links where an address stands; it
 * stands nowhere else, so whatever a value says, the markup is the author's.
 */
export function checkHtml(source: string): string[] {
  const faults: string[] = [];
  const masked = maskLiquid(source);
  const open: { name: string; at: number }[] = [];
  const note = (at: number, message: string): void => {
    faults.push(faultAt(positionOf(source, at), message));
  };
  for (let at = masked.indexOf('<'); at >= 0; at = masked.indexOf('<', at + 1)) {
    ELEMENT.lastIndex = at;
    const [, slash, written = '', attributes = ''] = ELEMENT.exec(masked) ?? [];
    const name = written.toLowerCase();
    if (slash === undefined || !ELEMENTS.has(name)) {
      note(at, `expected one of these elements: ${[...ELEMENTS].join(', ')}; a "<" of the text is written &lt;`);
      continue;
    }
    if (slash === '/') {
      if (open.pop()?.name !== name) note(at, `</${name}> closes what is not open`);
      continue;
    }
    if (!VOID.has(name)) open.push({ name, at });
    const attributesAt = at + 1 + written.length;
    for (const fault of attributeFaults(
      name,
      attributes,
      source.slice(attributesAt, attributesAt + attributes.length),
    )) {
      note(at, fault);
    }
  }
  for (const { name, at } of open) note(at, `<${name}> is not closed`);
  return faults;
}

function attributeFaults(element: string, masked: string, source: string): string[] {
  return [...masked.matchAll(ATTRIBUTE)].flatMap((match) => {
    const [whole, name = '', value = ''] = match;
    if (element !== 'a' || name.toLowerCase() !== 'href')
      return [`<${element}> may not have ${name}; only <a href> may`];
    const start = (match.index ?? 0) + whole.lastIndexOf('"', whole.length - 2) + 1;
    const written = source.slice(start, start + value.length);
    return LINK_OUTPUT.test(written) || LITERAL_LINK.test(written)
      ? []
      : ['href is an https:, mailto: or tel: address, {{ links.… }} or tel:{{ callback.number }}'];
  });
}

/** The source with every piece of Liquid replaced by as many marks, so that positions stay. */
function maskLiquid(source: string): string {
  const { options } = TEMPLATE_ENGINES.html;
  return new Tokenizer(source, options.operators)
    .readTopLevelTokens(options)
    .map((token) => {
      const length = token.end - token.begin;
      if (token.kind === TokenKind.Output) return OUTPUT.repeat(length);
      return token.kind === TokenKind.Tag ? TAG.repeat(length) : source.slice(token.begin, token.end);
    })
    .join('');
}

export function positionOf(source: string, at: number): { line: number; column: number } {
  const before = source.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
