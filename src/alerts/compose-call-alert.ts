import type { CallConveyed, CallFlag, CallLocation, CallRecord, LocationSource } from '../domain/call-record.ts';
import { formatCivicAddress, indoorLine, streetLine } from '../domain/civic-address.ts';
import { shapeCenter } from '../domain/shape.ts';
import { BoundedMap } from '../support/bounded-map.ts';

/** What the text needs beside the record. */
export type AlertContext = {
  /** The site's name and IANA time zone; null when the call is tied to none. */
  site: { name: string; timeZone: string } | null;
  /** Name of the emergency response location; null when the call is tied to none. */
  responseLocationName: string | null;
  /** The destination is a simulator of this platform, not a public authority. */
  simulated: boolean;
  /** Base of links, without a slash at the end. */
  publicUrl: string;
};

export type ComposedAlert = { subject: string; text: string; html: string };

const MAX_VALUE_LENGTH = 500;
const MAX_SUBJECT_PART_LENGTH = 80;

/**
 * One line whatever comes in: names and addresses are chosen by callers and administrators. Marks that turn the direction of
 * what follows are left out, and halves of characters replaced, which the database would not take.
 */
function oneLine(text: string, maxLength = MAX_VALUE_LENGTH): string {
  const line = text
    .toWellFormed()
    .replace(/\p{Bidi_Control}/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  const characters = Array.from(line);
  return characters.length <= maxLength ? line : `${characters.slice(0, maxLength - 1).join('')}…`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

// Making a formatter costs more than composing the rest of a mail.
const timeFormats = new BoundedMap<string, Intl.DateTimeFormat>(500);

function timeFormat(zone: string): Intl.DateTimeFormat {
  const known = timeFormats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  timeFormats.set(zone, made);
  return made;
}

/** `Sat, Nov 21, 2026, 5:08:15 PM CST`; in UTC where the zone is unknown. */
function formatTime(isoTime: string, timeZone: string | undefined): string {
  const date = new Date(isoTime);
  try {
    return timeFormat(timeZone ?? 'UTC').format(date);
  } catch {
    // A zone this runtime does not know; UTC is always right.
    return timeFormat('UTC').format(date);
  }
}

const SOURCE_TEXTS: Readonly<Record<LocationSource, string>> = {
  'conveyed-value': 'conveyed with the call',
  elin: 'by the caller number, which stands for a place (ELIN)',
  default: 'the only site of the organization, for want of better',
  'conveyed-reference': 'location reference conveyed with the call',
  device: 'what is known of the device',
  number: 'the site of the caller’s number',
};

const FLAG_TEXTS: Readonly<Record<CallFlag, string>> = {
  'not-enabled': 'Emergency routing is not enabled for this location.',
  'opted-out': 'The organization or location has opted out of the service.',
  exempt: 'The location lies outside the service area.',
  'no-location': 'NO USABLE LOCATION: nothing says where the caller is.',
  'no-route': 'The location lies in no known service boundary.',
  'psap-open': 'It is not settled which PSAP serves the location: the relay centre takes its calls.',
  relay: 'The call went to the relay centre, which asks the caller where they are.',
  'nomadic-canada': 'Self-registered address in Canada: answered by the Canadian relay.',
  'unknown-organization': 'The call could be tied to no organization.',
  'unknown-caller': 'The caller’s number is not known.',
  'no-callback': 'NO CALLBACK NUMBER could be determined.',
  'elin-exhausted':
    'Every ELIN of this place was in use. The oldest was taken: a callback to its earlier caller reaches this one. Add ELINs there.',
  conflict: 'The call names different organizations; see the decision trace.',
  prefixed: 'Dialled with a prefix.',
  loop: 'The call came back from where it was sent and went to the relay centre.',
  failover: 'At least one destination did not answer and was passed over.',
  'step-failed': 'A routing step failed and its default was used; see the decision trace.',
  'test-calls-not-enabled': 'Test calls are not enabled for this location yet.',
  'journal-late': 'The call journal was late; the call was not held up.',
};

const DESTINATION_TEXTS: Readonly<Record<CallRecord['destination']['kind'], string>> = {
  psap: 'public safety answering point',
  relay: 'relay centre',
  'test-agent': 'test agent',
  caller: 'who made an emergency call',
};

const QUALITY_TEXTS: Readonly<Record<CallRecord['callback']['quality'], string>> = {
  RECOMMENDED: 'reaches a person or workspace',
  NOT_RECOMMENDED: 'reaches a shared destination, not the caller',
  INVALID: 'not active',
};

const FORM_TEXTS: Readonly<Record<CallConveyed['form'], string>> = {
  'by-value': 'location conveyed by value, as the call brought it',
  'by-reference': 'location conveyed by reference, as the call brought it',
  'reference-added': 'location conveyed by a reference that was added',
  'value-added': 'location conveyed by value, which was added',
  none: 'no location conveyed',
};

function callerText(record: CallRecord): string {
  const { displayName, number, asserted } = record.caller;
  if (displayName && number) return `${displayName} (${number})`;
  return displayName ?? number ?? asserted ?? 'unknown';
}

function locationLines(location: CallLocation | null, context: AlertContext): [string, string][] {
  if (!location) return [['Location', 'UNKNOWN: nothing usable says where the caller is']];
  const lines: [string, string][] = [
    ['Location', location.text || (location.civic ? formatCivicAddress(location.civic) : 'unknown')],
  ];
  const { civic } = location;
  if (civic) {
    const street = streetLine(civic);
    if (street) lines.push(['Street', street]);
    if (civic.NAM) lines.push(['Building', civic.NAM]);
    if (civic.FLR) lines.push(['Floor', civic.FLR]);
    if (civic.ROOM) lines.push(['Room', civic.ROOM]);
  }
  const inside = location.indoorText || (civic ? indoorLine(civic) : '');
  lines.push(['Inside the building', inside || 'not known']);
  if (context.responseLocationName) lines.push(['Response location', context.responseLocationName]);
  if (location.shape) {
    const { latitude, longitude } = shapeCenter(location.shape);
    lines.push(['Coordinates', `${latitude.toFixed(6)}, ${longitude.toFixed(6)}`]);
  }
  lines.push(['Found by', `${SOURCE_TEXTS[location.source]}: ${location.rule}`]);
  if (location.method) lines.push(['Method', location.method]);
  if (location.determinedAt) {
    const age = location.ageSeconds === null ? '' : ` (${location.ageSeconds} s before the call)`;
    lines.push(['Determined', `${location.determinedAt}${age}`]);
  }
  return lines;
}

function destinationLines(record: CallRecord, context: AlertContext): [string, string][] {
  const { destination, conveyed } = record;
  const what = DESTINATION_TEXTS[destination.kind];
  const lines: [string, string][] = [
    ['Sent to', `${destination.name} (${what}${context.simulated ? ', SIMULATED' : ''})`],
    ['Why there', destination.reason],
    ['Conveyed', FORM_TEXTS[conveyed.form]],
    ['Callback conveyed', conveyed.callbackNumber ?? 'none'],
  ];
  const passedOver = record.attempts.filter((attempt) =>
    ['refused', 'silent', 'unreachable'].includes(attempt.outcome),
  );
  if (passedOver.length > 0) {
    const names = passedOver.map((attempt) => `${attempt.name} (${attempt.outcome})`);
    lines.push(['Passed over', names.join(', ')]);
  }
  return lines;
}

const SIMULATED_NOTICE =
  'SIMULATED DESTINATION: this call went to a simulator of this platform. No public authority was contacted. ' +
  'If somebody needs help, call the emergency number yourself.';

const TRACE_LINK = 'Decision trace';
const DATA_LINK = 'As data';
/** The lines that are links; no other can become one, whatever a caller calls itself. */
const LINKS: ReadonlySet<string> = new Set([TRACE_LINK, DATA_LINK]);

/**
 * The mail that tells people on site of a call (47 CFR 9.16(b)(2): that a 911 call was made, a valid callback number, the
 * location conveyed to the PSAP), and what helps them act: who, where exactly, how sure, what happened to the call.
 */
export function composeCallAlert(record: CallRecord, context: AlertContext): ComposedAlert {
  const isTest = record.kind === '933';
  const headline = isTest ? 'A 933 test call was made' : 'A 911 call was made';
  const place = record.location?.text ?? context.site?.name ?? 'location unknown';
  const who = record.caller.displayName ?? record.caller.number ?? 'unknown caller';
  const subject = oneLine(
    [isTest ? '933 test call' : '911 CALL', who, place]
      .map((part) => oneLine(part, MAX_SUBJECT_PART_LENGTH))
      .join(' – '),
  );

  const callback = record.callback.number
    ? `${record.callback.number} (${QUALITY_TEXTS[record.callback.quality]}; ${record.callback.rule})`
    : `none (${record.callback.rule})`;
  const sections: [title: string, lines: [string, string][]][] = [
    [
      'Call',
      [
        ['When', `${formatTime(record.startedAt, context.site?.timeZone)} (${record.startedAt})`],
        ['Caller', callerText(record)],
        ['Callback number', callback],
        ['Dialled', record.dialed],
        ...(context.site ? [['Site', context.site.name] satisfies [string, string]] : []),
      ],
    ],
    ['Where', locationLines(record.location, context)],
    ['What happened to the call', destinationLines(record, context)],
    [
      'For the record',
      [
        ['Call', record.emergencyCallId],
        ['Incident', record.incidentId],
        [TRACE_LINK, `${context.publicUrl}/calls/${record.id}`],
        [DATA_LINK, `${context.publicUrl}/api/calls/${record.id}`],
      ],
    ],
  ];
  const notes = record.flags.map((flag) => FLAG_TEXTS[flag]);
  const notices = context.simulated ? [SIMULATED_NOTICE] : [];

  const text = [
    `${headline}.`,
    ...notices,
    ...sections.map(([title, lines]) =>
      [title, ...lines.map(([name, value]) => `  ${name}: ${oneLine(value)}`)].join('\n'),
    ),
    ...(notes.length > 0 ? [['Note', ...notes.map((note) => `  * ${note}`)].join('\n')] : []),
  ].join('\n\n');

  return { subject, text: `${text}\n`, html: composeHtml({ subject, headline, notices, notes, sections }) };
}

function composeHtml(content: {
  subject: string;
  headline: string;
  notices: readonly string[];
  notes: readonly string[];
  sections: readonly [title: string, lines: readonly [string, string][]][];
}): string {
  const cell = (name: string, value: string): string => {
    const line = escapeHtml(oneLine(value));
    return LINKS.has(name) ? `<a href="${line}">${line}</a>` : line;
  };
  const table = ([title, lines]: readonly [string, readonly [string, string][]]): string =>
    `<h2 style="font-size:16px;margin:16px 0 4px">${escapeHtml(title)}</h2><table cellpadding="3">${lines
      .map(
        ([name, value]) =>
          `<tr><th align="left" valign="top">${escapeHtml(name)}</th><td>${cell(name, value)}</td></tr>`,
      )
      .join('')}</table>`;
  const notes =
    content.notes.length > 0
      ? `<h2 style="font-size:16px;margin:16px 0 4px">Note</h2><ul>${content.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`
      : '';
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<title>${escapeHtml(content.subject)}</title></head><body style="font-family:sans-serif">`,
    `<h1 style="font-size:20px">${escapeHtml(content.headline)}</h1>`,
    ...content.notices.map((notice) => `<p><strong>${escapeHtml(notice)}</strong></p>`),
    ...content.sections.map(table),
    notes,
    '</body></html>\n',
  ].join('');
}
