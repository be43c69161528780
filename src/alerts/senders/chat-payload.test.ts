import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeChat } from './chat-payload.ts';

test('a line without a name stands by itself, and is no heading, list or rule of a caller', () => {
  for (const value of ['# Help', '- item', '1. item', '> quote', '---', 'plain']) {
    const content = { channel: 'chat', title: '911', lines: [{ name: '', value }], notices: [], links: [] } as const;
    const { markdown } = JSON.parse(composeChat('webex', content)) as { markdown: string };
    assert.doesNotMatch(markdown, /^(?:[#>+=-]|\d+[.)])/m);
    assert.ok(!markdown.includes('**:**'));
    for (const flavour of ['teams', 'slack'] as const) {
      const body = composeChat(flavour, content);
      assert.ok(!body.includes('": "') && !body.includes('":\\n'), body);
    }
  }
});
