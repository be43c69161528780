/**
 * What every alert says, by language, as files that people read in a review. `WAYMARK_TEST_GOLDEN=write` writes them anew.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AlertEndpoint } from '../../src/alerts/alert-endpoint.ts';
import type { AlertMessage } from '../../src/alerts/alert-message.ts';
import type { AlertOccasion } from '../../src/alerts/alert-occasion.ts';
import { composeMessage } from '../../src/alerts/content/compose-message.ts';
import { smsSegments } from '../../src/alerts/content/gsm-text.ts';
import { SAMPLE_DESTINATION, sampleContext, sampleOccasion } from '../../src/alerts/content/sample-occasion.ts';
import {
  ALERT_LANGUAGES,
  ALERT_TRIGGERS,
  type AlertLanguage,
  TRIGGER_SEVERITY,
} from '../../src/domain/alert-trigger.ts';
import { exampleTold } from '../support/alert-occasion-fixture.ts';
import { hostileCall } from '../support/hostile-call.ts';

const ORGANIZATION = '00000000-0000-4000-8000-0000000000aa';
const CONTEXT = sampleContext('https://waymark.example', Date.parse('2026-03-05T18:30:16.000Z'));

const ENDPOINTS: readonly AlertEndpoint[] = [
  { channel: 'email', address: 'desk@example.com' },
  { channel: 'sms', number: '+15145550100', connectionId: 'gateway' },
  { channel: 'chat', connectionId: 'room' },
  { channel: 'push', subscriptionId: 'browser' },
  { channel: 'webhook', connectionId: 'program' },
];

function occasions(): [name: string, occasion: AlertOccasion][] {
  const started = sampleOccasion('call-placed', ORGANIZATION);
  return [
    ...ALERT_TRIGGERS.map((trigger): [string, AlertOccasion] => [trigger, sampleOccasion(trigger, ORGANIZATION)]),
    [
      'acknowledged',
      {
        ...started,
        moment: 'acknowledged',
        news: { sentence: 'acknowledged', values: { by: 'Night desk', note: 'On my way' } },
      },
    ],
    ['a destination that does not answer', SAMPLE_DESTINATION],
    ['a call that is hostile', { ...started, call: hostileCall() }],
  ];
}

function written({ content }: AlertMessage): string {
  switch (content.channel) {
    case 'email':
      return `Subject: ${content.subject}\nMap: ${JSON.stringify(content.map)}\n\n${content.text}`;
    case 'sms':
      return `${content.text}\n(${content.text.length} characters, ${smsSegments(content.text)} segment(s))`;
    case 'push':
      return `${content.title}\n${content.body}\n-> ${content.url}`;
    case 'chat':
      return [
        content.title,
        ...content.notices.map((notice) => `! ${notice}`),
        ...content.lines.map(({ name, value }) => `${name} | ${value}`),
        ...content.links.map(({ text, url }) => `[${text}] ${url}`),
      ].join('\n');
    case 'webhook':
      return JSON.stringify({ type: content.type, data: content.data }, null, 1);
  }
}

function golden(language: AlertLanguage): string {
  const parts: string[] = [];
  for (const [name, occasion] of occasions()) {
    for (const endpoint of ENDPOINTS) {
      const trigger = occasion.triggers.at(-1) ?? 'call-placed';
      const told = exampleTold({ endpoint, language, trigger, severity: TRIGGER_SEVERITY[trigger] });
      parts.push(
        `===== ${name} · ${endpoint.channel} · ${language}\n\n${written(composeMessage(occasion, told, CONTEXT))}`,
      );
    }
  }
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`;
}

for (const language of ALERT_LANGUAGES) {
  test(`alerts in ${language} say what the golden set says`, () => {
    const path = fileURLToPath(new URL(`alert-messages.${language}.txt`, import.meta.url));
    const now = golden(language);
    if (process.env.WAYMARK_TEST_GOLDEN === 'write') writeFileSync(path, now);
    assert.equal(now, readFileSync(path, 'utf8'));
  });
}

test('no message leaves a gap open or names what nobody knows', () => {
  for (const language of ALERT_LANGUAGES) {
    const [friendly = ''] = golden(language).split('===== a call that is hostile');
    const gap = /(?<!\.)\bundefined\b(?!-)|NaN|\[object|\{\w+\}|\(null\)/.exec(friendly);
    assert.equal(gap && friendly.slice(gap.index - 100, gap.index + 100), null);
  }
});
