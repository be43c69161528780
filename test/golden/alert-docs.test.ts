/** The tables of docs/operations/alert-messages.md are what the code says. `WAYMARK_TEST_GOLDEN=write` writes them anew. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { composeMessage } from '../../src/alerts/content/compose-message.ts';
import { factMarkdown } from '../../src/alerts/content/fact-table.ts';
import { sampleContext, sampleOccasion } from '../../src/alerts/content/sample-occasion.ts';
import { webhookMarkdown } from '../../src/alerts/content/webhook-payload.ts';
import { exampleTold } from '../support/alert-occasion-fixture.ts';

const PATH = fileURLToPath(new URL('../../docs/operations/alert-messages.md', import.meta.url));

function exampleWebhook(): string {
  const { content, writtenAt } = composeMessage(
    sampleOccasion('call-placed', '00000000-0000-4000-8000-0000000000aa'),
    exampleTold({ endpoint: { channel: 'webhook', connectionId: 'guards' }, label: 'Guards' }),
    sampleContext('https://waymark.example', Date.parse('2026-03-05T18:30:16.000Z')),
  );
  assert.ok(content.channel === 'webhook');
  const data = Object.entries(content.data).map(([name, value]) => `    "${name}": ${JSON.stringify(value)}`);
  return [
    '```json',
    '{',
    `  "type": ${JSON.stringify(content.type)},`,
    `  "timestamp": ${JSON.stringify(writtenAt)},`,
    '  "data": {',
    data.join(',\n'),
    '  }',
    '}',
    '```',
  ].join('\n');
}

const PARTS: Readonly<Record<string, () => string>> = {
  facts: factMarkdown,
  webhooks: webhookMarkdown,
  example: exampleWebhook,
};

test('what authors of templates and receivers of webhooks read is what they get', () => {
  const before = readFileSync(PATH, 'utf8');
  let now = before;
  for (const [name, write] of Object.entries(PARTS)) {
    const part = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- end -->)`);
    assert.match(before, part);
    now = now.replace(part, (_whole, start: string, end: string) => `${start}${write()}${end}`);
  }
  if (process.env.WAYMARK_TEST_GOLDEN === 'write') writeFileSync(PATH, now);
  assert.equal(now, readFileSync(PATH, 'utf8'));
});
