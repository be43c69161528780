import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, type Logger } from '../support/logger.ts';
import { createMetrics } from '../support/metrics.ts';
import { createTrunkLoad } from './trunk-load.ts';

test('a trunk around its limit raises one alarm, and another after a calm', () => {
  const said: string[] = [];
  const logger: Logger = Object.assign(createLogger('silent'), {
    error: () => said.push('alarm'),
    info: () => said.push('calm'),
  });
  const metrics = createMetrics({ processMetrics: false });
  const load = createTrunkLoad({ metrics, logger, alarmAt: 10 });
  const change = (by: number): void => {
    for (let left = by; left > 0; left--) load.began('pbx');
    for (let left = by; left < 0; left++) load.ended('pbx');
  };
  change(10);
  assert.deepEqual(said, [], 'at the limit');
  for (let round = 0; round < 5; round++) {
    change(1);
    change(-1);
  }
  assert.deepEqual(said, ['alarm'], 'around it');
  change(-2);
  assert.deepEqual(said, ['alarm', 'calm']);
  change(3);
  assert.deepEqual(said, ['alarm', 'calm', 'alarm']);
  load.began(null);
  assert.equal(said.length, 3, 'another trunk counts by itself');
});
