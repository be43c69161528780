import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from './metrics.ts';

test('a tally is read as the counter it is, as often as it is asked', async () => {
  const metrics = createMetrics({ processMetrics: false });
  const answers = metrics.tally('answers_total', 'Answers', ['door', 'outcome']);
  const good = answers('held', 'found');
  good();
  good();
  answers('held', 'found')();
  answers('lost', 'a "quoted" one')();
  for (let reading = 0; reading < 2; reading += 1) {
    const text = await metrics.text();
    assert.match(text, /^answers_total\{door="held",outcome="found"\} 3$/m);
    assert.match(text, /^answers_total\{door="lost",outcome="a \\"quoted\\" one"\} 1$/m);
  }
});

test('a reading is asked for its number whenever the registry is read', async () => {
  const metrics = createMetrics({ processMetrics: false });
  let waiting = 2;
  metrics.reading('waiting', 'Things that wait', () => waiting);
  assert.match(await metrics.text(), /^waiting 2$/m);
  waiting = 0;
  assert.match(await metrics.text(), /^waiting 0$/m);
});
