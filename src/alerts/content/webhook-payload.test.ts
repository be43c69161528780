import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleAlertContext, exampleOccasion, exampleTold } from '../../../test/support/alert-occasion-fixture.ts';
import { hostileCall } from '../../../test/support/hostile-call.ts';
import { assertMatchesSchema } from '../../../test/support/json-schema.ts';
import { ALERT_LANGUAGES, ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import { composeMessage } from './compose-message.ts';
import { SAMPLE_DESTINATION, sampleOccasion } from './sample-occasion.ts';
import { WEBHOOKS } from './webhook-payload.ts';

/** The schema with no name more than it says: what is sent is what is described. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  return 'properties' in schema ? { ...inner, additionalProperties: false } : inner;
}

const SCHEMAS = new Map(
  WEBHOOKS.map(({ type, schema }) => [type, closed(JSON.parse(JSON.stringify(schema))) as object]),
);

test('what webhooks carry is what the description of the API says, of every moment', () => {
  const started = exampleOccasion();
  const occasions: AlertOccasion[] = [
    ...ALERT_TRIGGERS.map((trigger) => sampleOccasion(trigger, 'organization')),
    SAMPLE_DESTINATION,
    { ...started, moment: 'acknowledged', news: { sentence: 'acknowledged', values: { by: 'Night desk' } } },
    exampleOccasion({}, hostileCall()),
    started,
  ];
  const seen = new Set<string>();
  for (const occasion of occasions) {
    for (const language of ALERT_LANGUAGES) {
      const told = exampleTold({ endpoint: { channel: 'webhook', connectionId: 'x' }, language });
      const { content, writtenAt } = composeMessage(occasion, told, exampleAlertContext());
      assert.ok(content.channel === 'webhook');
      const body = { type: content.type, timestamp: writtenAt, data: content.data };
      const schema = SCHEMAS.get(content.type);
      assert.ok(schema, content.type);
      assertMatchesSchema(schema, JSON.parse(JSON.stringify(body)), content.type);
      seen.add(content.type);
    }
  }
  assert.deepEqual([...seen].sort(), [...SCHEMAS.keys()].sort(), 'every kind was tried');
});
