import type { AlertTrigger } from '../../domain/alert-trigger.ts';
import type { CallRecord } from '../../domain/call-record.ts';
import type { AlertMoment, AlertNews, AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { AlertContext } from './alert-context.ts';
import type { NewsSentence } from './news-sentence.ts';
import type { TemplateChannel, TemplateKey } from './templates/template.ts';

/** The moment at which somebody is told for the sake of a trigger. */
export const MOMENT_OF_TRIGGER: Readonly<Record<AlertTrigger, AlertMoment>> = {
  'call-placed': 'call-started',
  'call-abandoned': 'call-started',
  'location-unknown': 'call-started',
  'relay-used': 'call-started',
  'location-default': 'call-started',
  'location-stale': 'call-started',
  'destination-unreachable': 'call-started',
  'delivery-failing': 'delivery-failing',
  'call-ended': 'call-ended',
  'test-call': 'test-call',
  'undefined-element': 'undefined-element',
  'stage-changed': 'stage-changed',
  drill: 'drill',
};

const ID = '00000000-0000-4000-8000-000000000911';
const STARTED_AT = '2026-03-05T18:30:15.000Z';

const SAMPLE_CALL: CallRecord = {
  id: ID,
  version: 1,
  callId: `${ID}@phone.example`,
  emergencyCallId: 'urn:emergency:uid:callid:0123456789abcdef:waymark.example',
  incidentId: 'urn:emergency:uid:incidentid:0123456789abcdef:waymark.example',
  kind: '911',
  startedAt: STARTED_AT,
  answeredAt: null,
  endedAt: null,
  dialed: '911',
  requestUri: 'sip:911@waymark.example',
  organizationId: null,
  trunkId: null,
  peer: '192.0.2.10:5060',
  caller: {
    number: '+15145550123',
    displayName: 'Front desk',
    memberId: null,
    memberKind: 'PLACE',
    locationId: null,
    asserted: 'sip:+15145550123@phone.example',
  },
  callback: { number: '+15145550123', quality: 'RECOMMENDED', rule: 'the caller’s own number' },
  location: {
    civic: {
      country: 'CA',
      A1: 'QC',
      A3: 'Montréal',
      HNO: '1200',
      RD: 'Example',
      STS: 'St',
      NAM: 'Tower A',
      FLR: '3',
      ROOM: '312',
      PC: 'H2X 1Y4',
    },
    shape: { type: 'circle', center: { latitude: 45.508, longitude: -73.568 }, radiusMeters: 25 },
    text: 'Tower A, 1200 Example St, Floor 3, Room 312, Montréal, QC H2X 1Y4, CA',
    indoorText: 'Floor 3, Room 312',
    locationId: null,
    buildingId: null,
    erlId: null,
    source: 'device',
    rule: 'switch port: 7 of switch 00-00-5E-00-53-01',
    foundBy: 'switch-port',
    method: 'Wiremap',
    determinedAt: '2026-03-05T18:30:00.000Z',
    ageSeconds: 15,
  },
  standing: null,
  destination: {
    uri: 'sip:psap@psap.example',
    name: 'Montréal',
    sourceId: null,
    kind: 'psap',
    quality: 'inside',
    reason: 'the location lies in Montréal',
  },
  attempts: [],
  conveyed: {
    geolocation: ['<https://waymark.example/held/l/sample>'],
    form: 'reference-added',
    callbackNumber: '+15145550123',
  },
  flags: [],
  outcome: 'routing',
  trace: [],
  spokenText: null,
};

const ENDED = {
  answeredAt: '2026-03-05T18:30:21.000Z',
  endedAt: '2026-03-05T18:34:25.000Z',
  outcome: 'completed',
} as const;

const RELAY: CallRecord['destination'] = {
  uri: 'sip:relay@relay.example',
  name: 'Relay centre',
  sourceId: null,
  kind: 'relay',
  quality: null,
  reason: 'nothing says where the caller is',
};

/** What a call is like of which each trigger tells. */
const CALL_OF_TRIGGER: Readonly<Partial<Record<AlertTrigger, Partial<CallRecord>>>> = {
  'call-placed': {},
  'call-abandoned': { endedAt: '2026-03-05T18:30:19.000Z', outcome: 'abandoned' },
  'location-unknown': {
    location: null,
    destination: RELAY,
    flags: ['no-location', 'relay'],
    conveyed: { geolocation: [], form: 'none', callbackNumber: '+15145550123' },
  },
  'relay-used': { destination: RELAY, flags: ['no-route', 'relay'] },
  'location-default': {
    location: SAMPLE_CALL.location && {
      ...SAMPLE_CALL.location,
      source: 'default',
      rule: 'default location: Tower A, the only site of the organization',
      foundBy: 'site-default',
      method: null,
      determinedAt: null,
      ageSeconds: null,
    },
  },
  'location-stale': {
    location: SAMPLE_CALL.location && {
      ...SAMPLE_CALL.location,
      determinedAt: '2026-03-03T18:30:15.000Z',
      ageSeconds: 172_800,
    },
  },
  'destination-unreachable': {
    flags: ['failover'],
    attempts: [
      { uri: 'sip:first@psap.example', name: 'First PSAP', outcome: 'silent', status: null, durationMs: 4_000 },
      { uri: 'sip:psap@psap.example', name: 'Montréal', outcome: 'answered', status: 200, durationMs: 900 },
    ],
  },
  'call-ended': ENDED,
  'test-call': {
    ...ENDED,
    kind: '933',
    dialed: '933',
    destination: { ...RELAY, name: 'Test agent', kind: 'test-agent', reason: 'a test call' },
    testResult: {
      spoken: 'speech',
      heard: true,
      received: true,
      codec: 'PCMU',
      packetsSent: 1_200,
      packetsReceived: 1_198,
      packetsLost: 2,
      jitterMs: 1.4,
      levelDbov: -26,
      digits: '',
      foreignPackets: 0,
      hungUpBy: 'caller',
      durationMs: 24_000,
      fault: null,
    },
  },
};

const NEWS_OF_TRIGGER: Readonly<Partial<Record<AlertTrigger, AlertNews & { sentence: NewsSentence }>>> = {
  'undefined-element': {
    sentence: 'undefined-elements',
    values: { count: '2', elements: 'switch 00-00-5E-00-53-01 port 12; access point 00-00-5E-00-53-0A' },
  },
  'delivery-failing': {
    sentence: 'delivery-given-up',
    values: { recipient: 'desk@example.com', channel: 'email', error: '550 no such mailbox' },
  },
  'stage-changed': { sentence: 'stage-completed', values: { who: 'Tower A', stage: 'NETWORK_ELEMENTS' } },
  drill: { sentence: 'drill', values: { by: 'Safety office', note: 'Spring exercise' } },
};

/** A destination that does not answer, of which no call had to tell. */
export const SAMPLE_DESTINATION: AlertOccasion = {
  subjectId: 'destination',
  moment: 'destination-unreachable',
  triggers: ['destination-unreachable'],
  organizationId: '',
  place: { locationId: null, responseLocationId: null },
  at: STARTED_AT,
  call: null,
  news: { sentence: 'destination-unreachable', values: { destination: 'sip:psap@psap.example', since: STARTED_AT } },
};

/** An occasion such as tells of a trigger: what previews show and what templates are tried with. */
export function sampleOccasion(trigger: AlertTrigger, organizationId: string): AlertOccasion {
  const changes = CALL_OF_TRIGGER[trigger];
  const moment = MOMENT_OF_TRIGGER[trigger];
  const isOwnTrigger = moment !== 'call-started' || trigger === 'call-placed';
  return {
    subjectId: ID,
    moment,
    triggers: isOwnTrigger ? [trigger] : ['call-placed', trigger],
    organizationId,
    place: { locationId: null, responseLocationId: null },
    at: STARTED_AT,
    call: changes === undefined ? null : { ...SAMPLE_CALL, organizationId, ...changes },
    news: NEWS_OF_TRIGGER[trigger] ?? null,
  };
}

export function sampleTold({
  trigger,
  channel,
  language,
}: TemplateKey): Pick<ToldRecipient, 'endpoint'> & ToldRecipient {
  return {
    endpoint: ENDPOINTS[channel],
    label: channel === 'sms' ? '+15145550100' : 'desk@example.com',
    recipientId: null,
    language,
    timeZone: null,
    afterSeconds: 0,
    trigger,
    severity: 'emergency',
    reasons: ['alert address of the building'],
  };
}

const ENDPOINTS: Readonly<Record<TemplateChannel, ToldRecipient['endpoint']>> = {
  email: { channel: 'email', address: 'desk@example.com' },
  sms: { channel: 'sms', number: '+15145550100', connectionId: ID },
  chat: { channel: 'chat', connectionId: ID },
  push: { channel: 'push', subscriptionId: ID },
};

export function sampleContext(publicUrl: string, nowMs: number): AlertContext {
  return {
    site: { name: 'Tower A', timeZone: 'America/Montreal' },
    responseLocationName: 'Third floor, east',
    simulated: false,
    publicUrl,
    incidentId: ID,
    acknowledgeUrl: () => `${publicUrl}/acknowledge/sample`,
    incidentUrl: `${publicUrl}/desk?incident=${ID}`,
    templates: null,
    nowMs,
  };
}
