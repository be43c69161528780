import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endings, endAll } from './end-all.ts';
import type { Logger } from './logger.ts';

test('what was started ends in the opposite order, whatever fails, throws or hangs', async () => {
  const ended: string[] = [];
  const said: string[] = [];
  const logger = {
    warn: () => said.push('late'),
    error: (fields: { err: string }) => said.push(fields.err),
  } as unknown as Logger;
  const started: Endings = [
    async () => ended.push('first'),
    () => new Promise(() => ended.push('hangs')),
    () => Promise.reject(new Error('rejects')),
    () => {
      throw new Error('throws');
    },
    async () => {
      await Promise.resolve();
      ended.push('last');
    },
  ];
  await endAll(started, logger, 5);
  assert.deepEqual(ended, ['last', 'hangs', 'first']);
  assert.deepEqual(said, ['throws', 'rejects', 'late']);
  assert.deepEqual(started, []);
});
