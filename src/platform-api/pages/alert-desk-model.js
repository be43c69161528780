// What the alert desk knows and how it is put into words: no page, no network, so that another console can use it.

/** Weightiest first. `mark` names the shape that stands beside the colour. */
export const SEVERITIES = {
  emergency: { name: 'Emergency', mark: 'octagon' },
  critical: { name: 'Critical', mark: 'triangle' },
  warning: { name: 'Warning', mark: 'diamond' },
  info: { name: 'Notice', mark: 'circle' },
};
const WEIGHTS = Object.keys(SEVERITIES);
const STATES = ['open', 'acknowledged', 'resolved'];

const HEADLINES = {
  'call-placed': '911 call',
  'call-abandoned': '911 call, abandoned',
  'location-unknown': '911 call, place unknown',
  'relay-used': '911 call at the relay centre',
  'location-default': '911 call, place assumed',
  'location-stale': '911 call, place out of date',
  'destination-unreachable': 'Destination unreachable',
  'delivery-failing': 'Alerts cannot be delivered',
  'call-ended': '911 call ended',
  'test-call': '933 test call',
  'undefined-element': 'Unknown network element',
  'stage-changed': 'Stage changed',
  drill: 'Drill',
};

const FLAGS = {
  'no-location': 'Place unknown',
  'no-route': 'No PSAP for this place',
  'psap-open': 'PSAP not settled',
  relay: 'Relay centre',
  'not-enabled': '911 routing not enabled here',
  'opted-out': 'Opted out',
  'nomadic-canada': 'Canadian relay',
  'unknown-caller': 'Unknown caller',
  'no-callback': 'No callback number',
  conflict: 'Contradicting origins',
  loop: 'Call came back',
  failover: 'First destination failed',
  'step-failed': 'A routing step failed',
  'journal-late': 'Recorded late',
  'elin-exhausted': 'Callback numbers used up',
};

const RECEIPT_STATES = {
  queued: 'Sending',
  accepted: 'Sent',
  failed: 'Failed, trying again',
  exhausted: 'Not delivered',
};

const CHANNELS = { email: 'e-mail', sms: 'SMS', webhook: 'webhook', chat: 'chat', push: 'push' };

/** Severities that sound until somebody takes the incident on. */
const LOUD = ['emergency', 'critical'];

function weightOf(severity) {
  const at = WEIGHTS.indexOf(severity);
  return at < 0 ? WEIGHTS.length : at;
}

/** Open first, real before drill, weighty before light, new before old. */
export function compareIncidents(a, b) {
  return (
    STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
    Number(a.isDrill) - Number(b.isDrill) ||
    weightOf(a.severity) - weightOf(b.severity) ||
    Date.parse(b.openedAt) - Date.parse(a.openedAt) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** What the desk says of an incident's kind. */
export function headlineOf({ trigger, isDrill, title }) {
  const headline = HEADLINES[trigger] ?? title;
  return isDrill && trigger !== 'drill' ? `Drill: ${headline}` : headline;
}

/** Words for flags of a call; a flag that is not known is shown as it is. */
export function flagWords(flags) {
  return (flags ?? []).map((flag) => FLAGS[flag] ?? flag.replaceAll('-', ' '));
}

/** `0:42`, `12:05`, `1 h 05 min`, `2 d 3 h`; time that lies ahead counts as none. */
export function ageText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const two = (value) => String(value).padStart(2, '0');
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours >= 1) return `${hours} h ${two(minutes % 60)} min`;
  return `${minutes}:${two(seconds % 60)}`;
}

/** The same for ears: `2 minutes`. */
export function spokenAge(ms) {
  const minutes = Math.floor(Math.max(0, ms) / 60000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  return hours === 1 ? '1 hour' : `${hours} hours`;
}

/** How a call goes on, and whether it lives. */
export function callState(call) {
  if (!call) return null;
  const to = call.destination?.name ?? 'nobody';
  if (call.endedAt) {
    const ended = { abandoned: 'Caller hung up before an answer', failed: `Not answered: ${to}` }[call.outcome];
    return { text: ended ?? `Ended, was answered by ${to}`, at: call.endedAt, isLive: false };
  }
  if (call.outcome === 'redirected')
    return { text: `Sent back to the trunk for ${to}`, at: call.startedAt, isLive: true };
  if (call.answeredAt) return { text: `Talking to ${to}`, at: call.answeredAt, isLive: true };
  return { text: `Ringing at ${to}`, at: call.startedAt, isLive: true };
}

/** One line for everybody who was told, those who were not reached first. */
export function toldOf(receipts) {
  const rank = ['exhausted', 'failed', 'queued', 'accepted'];
  return (receipts ?? [])
    .map((receipt) => ({
      who: receipt.recipient ?? receipt.label ?? '',
      channel: CHANNELS[receipt.channel] ?? receipt.channel ?? '',
      state: receipt.state,
      stateText: RECEIPT_STATES[receipt.state] ?? receipt.state,
      at: receipt.acceptedAt ?? receipt.lastAttemptAt ?? receipt.queuedAt ?? null,
      error: receipt.state === 'accepted' ? null : (receipt.lastError ?? null),
    }))
    .sort((a, b) => rank.indexOf(a.state) - rank.indexOf(b.state) || a.who.localeCompare(b.who));
}

/** `3 of 4 reached, 1 failed`. */
export function toldSummary(told) {
  if (told.length === 0) return 'Nobody was told yet';
  const reached = told.filter(({ state }) => state === 'accepted').length;
  const failed = told.filter(({ state }) => state === 'failed' || state === 'exhausted').length;
  return `${reached} of ${told.length} told${failed > 0 ? `, ${failed} not reached` : ''}`;
}

/** How the telling goes on while nobody takes it on. */
export function escalationText({ state, nextStepAt, stepsTold, stepsWaiting }, nowMs) {
  if (state !== 'open') return stepsTold > 0 ? `Passed on ${times(stepsTold)} before that` : null;
  const passed = stepsTold > 0 ? `Passed on ${times(stepsTold)}` : null;
  if (!nextStepAt) return passed ? `${passed}; there is nobody further to tell` : null;
  const left = Date.parse(nextStepAt) - nowMs;
  const next = left > 0 ? `next people are told in ${ageText(left + 999)}` : 'next people are being told';
  const more = stepsWaiting > 1 ? ` (${stepsWaiting} steps left)` : '';
  return `${passed ? `${passed}; ` : 'If nobody acknowledges, '}${next}${more}`;
}

function times(count) {
  return count === 1 ? 'once' : `${count} times`;
}

/** Who took it on or settled it, and how. */
export function standingText({ state, acknowledgedBy, acknowledgedVia, resolvedBy, resolvedVia }) {
  const via = (way) => (way === 'link' ? ' by the link in a message' : '');
  if (state === 'acknowledged') return `Acknowledged by ${acknowledgedBy ?? 'somebody'}${via(acknowledgedVia)}`;
  if (state === 'resolved') return `Resolved by ${resolvedBy ?? 'somebody'}${via(resolvedVia)}`;
  return 'Nobody has acknowledged yet';
}

/**
 * What is to be heard: `emergency`, `critical`, or null. Every open incident sounds until somebody takes it on or this desk
 * silenced it; `silenced` holds ids.
 */
export function alarmOf(incidents, silenced) {
  const loud = incidents.filter(({ id, state, severity, isDrill }) => {
    return state === 'open' && !silenced.has(id) && (LOUD.includes(severity) || isDrill);
  });
  if (loud.length === 0) return null;
  return loud.some(({ severity }) => severity === 'emergency') ? 'emergency' : 'critical';
}

/** What a screen reader says of a new incident. */
export function announcement(incident) {
  const { name } = SEVERITIES[incident.severity] ?? { name: incident.severity };
  const parts = [
    `${name}: ${headlineOf(incident)}`,
    incident.caller && `from ${incident.caller}`,
    incident.place ? `at ${incident.place}` : incident.callId && 'place unknown',
    incident.callbackNumber && `call back ${incident.callbackNumber}`,
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}

/** Name and number apart: written from right to left, a name would turn the number behind it around. */
export function callerParts(caller) {
  const [, name, number] = /^(.*?)(?:, )?(\+?[\d*#]{2,})$/s.exec(caller ?? '') ?? [null, caller ?? 'unknown', ''];
  return { name, number };
}

/** The first line of a place that is to be read across a room, and the rest: floor and room come first. */
export function placeLines(place, indoor) {
  if (!place) return { first: 'Place unknown', rest: '' };
  if (!indoor || !place.includes(indoor)) {
    const [first, ...rest] = place.split(', ');
    return { first, rest: rest.join(', ') };
  }
  const rest = place
    .replace(indoor, '')
    .replace(/^[\s,]+|[\s,]+$/g, '')
    .replace(/(?:,\s*){2,}/g, ', ');
  return { first: indoor, rest };
}

/** How far this computer's clock is ahead of the server's, in milliseconds: half of the way there and back is taken off. */
export function clockSkew(dateHeader, sentMs, receivedMs) {
  const serverMs = Date.parse(dateHeader ?? '');
  if (Number.isNaN(serverMs)) return null;
  // The header is cut to whole seconds: on average half a second was lost.
  return (sentMs + receivedMs) / 2 - (serverMs + 500);
}

/** Differences that are worth a word: more than the header's second and a slow network can make. */
export function skewText(skewMs) {
  if (skewMs === null || Math.abs(skewMs) < 3000) return null;
  const side = skewMs > 0 ? 'ahead' : 'behind';
  return `The clock of this computer is ${ageText(Math.abs(skewMs))} ${side}; times and ages here are the server's.`;
}

const ENDING_MS = 30 * 60000;

/** From half an hour before whoever watches is signed out by itself. */
export function endingText(endsAt, nowMs) {
  if (endsAt === null || Date.parse(endsAt) - nowMs > ENDING_MS) return null;
  const time = new Date(endsAt).toLocaleTimeString('en-CA', { hour: '2-digit', minute: '2-digit', hour12: false });
  return `This desk is signed out at ${time}: sign in again before that, or open it with a token that lasts longer.`;
}

/**
 * Reads server-sent events (HTML Living Standard §9.2.6) as they come; `push` takes text and gives the events that are whole.
 */
export function createEventReader() {
  let rest = '';
  let lastId = '';
  return {
    get lastId() {
      return lastId;
    },
    push(text) {
      rest += text;
      const blocks = rest.split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? '';
      const events = [];
      for (const block of blocks) {
        let type = 'message';
        const data = [];
        for (const line of block.split(/\r?\n/)) {
          const colon = line.indexOf(':');
          if (colon === 0) continue;
          const name = colon < 0 ? line : line.slice(0, colon);
          const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
          if (name === 'event') type = value;
          else if (name === 'data') data.push(value);
          else if (name === 'id' && !value.includes('\0')) lastId = value;
        }
        if (data.length > 0) events.push({ type, id: lastId, data: data.join('\n') });
      }
      return events;
    },
  };
}
