/** Every word that the console shows stands in its catalogue: another language is another file. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vite';

const CONSOLE = fileURLToPath(new URL('../console/src', import.meta.url));
/** What components and elements show, or what a screen reader says, under these names. */
const SHOWN =
  /^(aria-?(label|description|placeholder|roledescription)|alt|title|label|text|header|headerText|headerDescription|description|placeholder|content|empty|errorText|loadingText|constraintText|.*AriaLabel|.*LabelText|filteringPlaceholder|additionalInfo|statusText)$/i;

type Node = { type: string; start: number; [name: string]: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* nodesOf(child);
  }
}

/** What is written so in every language: addresses, headers, and examples of them. */
const SAME_EVERYWHERE: ReadonlySet<string> = new Set([
  '/docs',
  'https://',
  'authorization',
  'Bearer {secret}',
  'X-Device',
  'desk@example.com',
  'sip:192.0.2.10:5060',
]);

/** A word, not a sign between two. */
const saysWord = (value: unknown): value is string =>
  typeof value === 'string' && /\p{L}{2}/u.test(value) && !SAME_EVERYWHERE.has(value.trim());

/** Texts that an expression comes to: both of a choice, the last of a condition, what stands between the gaps of a template. */
function textsOf(node: unknown): string[] {
  if (!isNode(node)) return [];
  if (node.type === 'Literal') return saysWord(node['value']) ? [node['value']] : [];
  if (node.type === 'JSXExpressionContainer') return textsOf(node['expression']);
  if (node.type === 'ConditionalExpression') return [...textsOf(node['consequent']), ...textsOf(node['alternate'])];
  if (node.type === 'LogicalExpression') return [...textsOf(node['left']), ...textsOf(node['right'])];
  if (node.type !== 'TemplateLiteral') return [];
  const quasis = node['quasis'] as { value: { cooked: string } }[];
  return quasis.map(({ value }) => value.cooked).filter(saysWord);
}

function nameOf(key: unknown): string {
  const name = isNode(key) ? (key['name'] ?? key['value']) : undefined;
  return typeof name === 'string' ? name : '';
}

/** Words that a source shows and that stand in no catalogue. */
function strayTexts(source: string): string[] {
  const strays: string[] = [];
  const tree = parseAst(source, { lang: 'tsx' }) as unknown as Node;
  for (const node of nodesOf(tree)) {
    if (node.type === 'JSXText' && saysWord(node['value'])) strays.push(node['value'].trim());
    if (node.type === 'JSXElement' || node.type === 'JSXFragment') {
      for (const child of node['children'] as Node[])
        if (child.type === 'JSXExpressionContainer') strays.push(...textsOf(child));
    }
    if (node.type === 'JSXAttribute' && SHOWN.test(nameOf(node['name']))) strays.push(...textsOf(node['value']));
    if (node.type === 'Property' && SHOWN.test(nameOf(node['key']))) strays.push(...textsOf(node['value']));
  }
  return strays;
}

test('a text that stands in a page is found, whatever way it stands there', () => {
  const seen = (source: string): string[] => strayTexts(`const page = ${source};`);
  assert.deepEqual(seen('<b>Hello there</b>'), ['Hello there']);
  assert.deepEqual(seen("<b aria-label={isOpen ? 'Close' : texts.open} />"), ['Close']);
  assert.deepEqual(seen('<b>{count > 0 && `${count} rows`}</b>'), [' rows']);
  assert.deepEqual(seen("[{ id: 'name', header: 'Name', cell: () => null }]"), ['Name']);
  assert.deepEqual(seen("<Button variant='primary' iconName='refresh'>{texts.save} · {count}</Button>"), []);
});

test('no page of the console shows a word of its own', () => {
  const sources = readdirSync(CONSOLE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tsx'));
  assert.ok(sources.length > 100, `${sources.length} sources`);
  const strays = sources.flatMap((name) =>
    strayTexts(readFileSync(join(CONSOLE, name), 'utf8')).map((text) => `${name}: ${text}`),
  );
  assert.deepEqual(strays, []);
});
