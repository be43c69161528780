import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import { incidentTitle, titleIn } from './incident-title.ts';

test('a title written in one language is the one written in the other, whatever it is about', () => {
  for (const trigger of ALERT_TRIGGERS) {
    for (const isDrill of [false, true]) {
      for (const detail of ['', 'Desk: 312, +12145550123', 'Emergency call: x']) {
        const about = { trigger, isDrill, detail };
        const [english, french] = [incidentTitle('en', about), incidentTitle('fr', about)];
        assert.equal(titleIn('fr', english), french);
        assert.equal(titleIn('en', french), english);
        assert.equal(titleIn('en', english), english);
        assert.notEqual(french, english);
      }
    }
  }
});

test('who is not known is not known in either language; what nobody here wrote stays', () => {
  assert.equal(titleIn('fr', 'Emergency call: unknown caller'), 'Appel d’urgence\u00a0: appelant inconnu');
  for (const text of ['', 'Emergency callers', 'Alarm: pump 3']) assert.equal(titleIn('fr', text), text);
});
