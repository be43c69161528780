import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertFacts } from '../alert-facts.ts';
import { parseTemplate, renderTemplate } from './template-engine.ts';

const LONGER_THAN_GIVEN_MS = 80;

/** Facts whose first reading takes long without costing this thread anything: others have the processor. */
function heldUpFacts(times: number): AlertFacts {
  let left = times;
  const caller = {
    get name() {
      if (left > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LONGER_THAN_GIVEN_MS);
      left -= 1;
      return 'Front Desk';
    },
  };
  return { caller } as unknown as AlertFacts;
}

test('time that others took is not held against a template, up to a point', () => {
  const template = parseTemplate('text', 'Call of {{ caller.name }} now.');
  assert.equal(renderTemplate('text', template, heldUpFacts(2)), 'Call of Front Desk now.');
  assert.throws(() => renderTemplate('text', template, heldUpFacts(3)), /template render limit exceeded/);
});
