import assert from 'node:assert/strict';
import { test } from 'node:test';
import { literalPattern, partPattern } from './conditions.ts';

test('every character that stands for others in a pattern is escaped, and no other character', () => {
  assert.equal(literalPattern('100% of a_b\\c'), String.raw`100\% of a\_b\\c`);
  assert.equal(literalPattern('Rue de l’Église, 12½ [a-z].*'), 'Rue de l’Église, 12½ [a-z].*');
  assert.equal(partPattern('%'), String.raw`%\%%`);
  assert.equal(partPattern(''), '%%');
});
