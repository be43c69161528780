import type { AlertOccasion } from '../../src/alerts/alert-occasion.ts';
import type { AlertContext } from '../../src/alerts/content/alert-context.ts';
import type { ToldRecipient } from '../../src/alerts/told-recipient.ts';
import type { CallRecord } from '../../src/domain/call-record.ts';
import { exampleCallRecord } from './call-record-fixture.ts';

const EXAMPLE_ORGANIZATION = '5f0c1c36-8f3b-4d63-9c1e-2b7d0a6f4e10';

/** The start of a call; `changes` laid over it. */
export function exampleOccasion(
  changes: Partial<AlertOccasion> = {},
  call: CallRecord = exampleCallRecord({ organizationId: EXAMPLE_ORGANIZATION }),
): AlertOccasion {
  return {
    subjectId: call.id,
    moment: 'call-started',
    triggers: ['call-placed'],
    organizationId: EXAMPLE_ORGANIZATION,
    place: { locationId: null, responseLocationId: null },
    at: call.startedAt,
    call,
    news: null,
    ...changes,
  };
}

/** Somebody told by e-mail in English; `changes` laid over it. */
export function exampleTold(changes: Partial<ToldRecipient> = {}): ToldRecipient {
  return {
    endpoint: { channel: 'email', address: 'desk@example.com' },
    label: 'desk@example.com',
    recipientId: null,
    language: 'en',
    timeZone: null,
    afterSeconds: 0,
    trigger: 'call-placed',
    severity: 'emergency',
    reasons: ['alert address of the building'],
    ...changes,
  };
}

/** A site in Dallas whose calls go to a real destination; `changes` laid over it. */
export function exampleAlertContext(changes: Partial<AlertContext> = {}): AlertContext {
  return {
    site: { name: 'Dallas office', timeZone: 'America/Chicago' },
    responseLocationName: 'Third floor, east',
    simulated: false,
    publicUrl: 'http://127.0.0.1:8911',
    incidentId: null,
    acknowledgeUrl: () => null,
    incidentUrl: null,
    templates: null,
    nowMs: Date.parse('2026-03-05T18:30:16.000Z'),
    ...changes,
  };
}
