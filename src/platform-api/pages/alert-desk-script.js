// The alert desk in the browser: reads /api/incidents, listens to /api/events, and makes noise until somebody takes on what is open.
import {
  ageText,
  alarmOf,
  announcement,
  callerParts,
  callState,
  clockSkew,
  compareIncidents,
  createEventReader,
  endingText,
  escalationText,
  flagWords,
  headlineOf,
  placeLines,
  SEVERITIES,
  skewText,
  spokenAge,
  standingText,
  toldOf,
  toldSummary,
} from './model.js';
import { createDeskSound } from './sound.js';

const LISTED = 200;
const DETAILED = 30;
const DETAIL_KEPT_MS = 15000;
const SETTLED_SHOWN = 12;
const RELOAD_EVERY_MS = 20000;
const QUIET_LIMIT_MS = 40000;
const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const GATHER_MS = 80;
const SETTLE_MS = 1200;
const COMPLAINT_MS = 12000;
const ANSWER_LIMIT_MS = 15000;
const WHO_EVERY_MS = 300000;
const FORM_AFTER_MS = 1000;
const TOKEN_KEY = 'waymark-desk-token';
const THEME_KEY = 'waymark-desk-theme';

const $ = (id) => document.getElementById(id);

/** An element with properties and children; text is text, whatever stands in it. */
function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'class') made.className = value;
    else if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name in made && typeof value !== 'string') made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';
const SHAPES = {
  octagon: 'M30 4h40l26 26v40L70 96H30L4 70V30z',
  triangle: 'M50 6 97 92H3z',
  diamond: 'M50 3 97 50 50 97 3 50z',
  circle: 'M50 4a46 46 0 1 0 .1 0z',
};

/** A severity is told by shape, colour and word: never by colour alone. */
function mark(severity) {
  const picture = document.createElementNS(SVG, 'svg');
  picture.setAttribute('viewBox', '0 0 100 100');
  picture.setAttribute('aria-hidden', 'true');
  picture.setAttribute('class', 'mark');
  const shape = document.createElementNS(SVG, 'path');
  shape.setAttribute('d', SHAPES[SEVERITIES[severity]?.mark ?? 'circle']);
  const sign = document.createElementNS(SVG, 'path');
  sign.setAttribute('class', 'sign');
  sign.setAttribute('d', 'M44 26h12l-3 34h-6zM50 66a6.500 6.500 0 1 0 .1 0z');
  picture.append(shape, sign);
  return picture;
}

/** The key that does the same as the button. */
const key = (name) => make('kbd', { 'aria-hidden': 'true' }, name);

/** Who asks: `headers` of reading and of changing things; null while nobody does. */
let access = null;
let organization = '';
/** When whoever asks is signed out by itself, ISO 8601; null: never. */
let endsAt = null;
const incidents = new Map();
const details = new Map();
const silenced = new Set();
const announced = new Set();
let isFirstList = true;
let isMore = false;
/** When everything was read last, by the server's clock. */
let listedAt = null;
let skewMs = null;
let connection = 'off';
let lastHeardMs = 0;
let listening = null;
let problem = null;
let forgetting = null;
let isDirty = false;
const waiting = new Set();
let gather = null;
const settling = new Set();
let settle = null;
/** When what is known of an incident was asked for: an older answer that comes later changes nothing. */
const knownSince = new Map();
let lastEventId = '';

const sound = createDeskSound(() => render());
const serverNow = () => Date.now() - (skewMs ?? 0);

class Refused extends Error {}

const ENDED = 'Nobody is signed in here any more.';

/** By a token that was typed here. */
const byToken = (token) => ({ token, headers: { authorization: `Bearer ${token}` }, ownPage: {} });
/** As whoever is signed in to the console in this browser: the cookie goes along by itself, the header says that our page asks. */
const bySession = () => ({ token: null, headers: {}, ownPage: { 'x-waymark-console': '1' } });

/** For which organization a partner or the operator watches; null: one's own. */
const actingFor = new URLSearchParams(window.location.search).get('orgId');

function addressOf(path) {
  if (actingFor === null) return path;
  return `${path}${path.includes('?') ? '&' : '?'}orgId=${encodeURIComponent(actingFor)}`;
}

async function ask(path, { method = 'GET', body } = {}) {
  const sentMs = Date.now();
  const asker = access;
  if (asker === null) throw new Error('nobody is signed in');
  const answer = await fetch(addressOf(path), {
    method,
    cache: 'no-store',
    headers: {
      ...asker.headers,
      ...(method !== 'GET' && asker.ownPage),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  });
  skewMs = clockSkew(answer.headers.get('date'), sentMs, Date.now()) ?? skewMs;
  const text = await answer.text();
  // What one person may see is not left for the next.
  if (asker !== access) throw new Error('the desk was signed out meanwhile');
  const read = text === '' ? null : JSON.parse(text);
  if (answer.status === 401 || answer.status === 403) throw new Refused(read?.message ?? String(answer.status));
  if (!answer.ok) throw new Error(read?.message ?? `HTTP ${answer.status}`);
  return read;
}

// What is known.

function take(list, askedMs) {
  const fresh = [];
  for (const incident of list) {
    if ((knownSince.get(incident.id) ?? 0) > askedMs) continue;
    knownSince.set(incident.id, askedMs);
    if (!announced.has(incident.id) && incident.state === 'open') fresh.push(incident);
    announced.add(incident.id);
    incidents.set(incident.id, incident);
  }
  if (fresh.length > 0) tellOfNew(fresh);
}

let listing = Promise.resolve();
let listsUnderWay = 0;

/** Everything anew, asked for after what is under way: it holds what had happened before this call. */
function loadList() {
  listsUnderWay += 1;
  listing = listing
    .catch(() => null)
    .then(readList)
    .finally(() => {
      listsUnderWay -= 1;
    });
  return listing;
}

async function readList() {
  const askedMs = performance.now();
  const { items } = await ask(`/api/incidents?max=${LISTED}`);
  const listed = new Set(items.map(({ id }) => id));
  for (const id of incidents.keys()) {
    if (listed.has(id) || (knownSince.get(id) ?? 0) > askedMs) continue;
    for (const known of [incidents, knownSince, announced, details]) known.delete(id);
  }
  take(items, askedMs);
  isMore = items.length >= LISTED;
  isFirstList = false;
  listedAt = new Date(serverNow()).toISOString();
  render();
  const shown = ordered()
    .filter(
      ({ state, id }) =>
        state !== 'resolved' && (details.get(id)?.askedMs ?? Number.NEGATIVE_INFINITY) < askedMs - DETAIL_KEPT_MS,
    )
    .slice(0, DETAILED);
  if (shown.length === 0) return;
  // A card without its details says less, a board without its cards nothing.
  await Promise.allSettled(shown.map(({ id }) => loadDetail(id)));
  render();
}

/** The incident anew, and what its card shows beyond the list: the call, and who was told. */
async function loadDetail(id) {
  const askedMs = performance.now();
  const { incident, call, receipts } = await ask(`/api/incidents/${encodeURIComponent(id)}/situation`);
  take([incident], askedMs);
  if ((details.get(id)?.askedMs ?? 0) < askedMs) details.set(id, { askedMs, call, told: toldOf(receipts) });
}

/** Something happened to these; what happens within a moment is asked for together. */
function hear(id) {
  waiting.add(id);
  gather ??= setTimeout(() => {
    gather = null;
    const ids = [...waiting];
    waiting.clear();
    for (const one of ids) settling.add(one);
    // Events go beside the records, and may be there before them: what they told of is asked for once more.
    settle ??= setTimeout(() => {
      settle = null;
      const again = [...settling];
      settling.clear();
      void loadAnew(again);
    }, SETTLE_MS);
    void loadAnew(ids);
  }, GATHER_MS);
}

async function loadAnew(ids) {
  // Of many, the list tells with one question, once a second.
  if (ids.length > 8) {
    isDirty = true;
    return;
  }
  const outcomes = await Promise.allSettled(ids.map(loadDetail));
  if (outcomes.some(({ status }) => status === 'rejected')) isDirty = true;
  render();
}

// The stream. EventSource cannot send a token, nor tell that nothing came for long, so that the stream is read here.

function setConnection(state) {
  if (connection === state) return;
  connection = state;
  render();
}

async function readStream(signal) {
  const answer = await fetch(addressOf('/api/events'), {
    cache: 'no-store',
    headers: { ...access.headers, ...(lastEventId && { 'last-event-id': lastEventId }) },
    signal,
  });
  if (answer.status === 401 || answer.status === 403) throw new Refused(ENDED);
  if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`);
  lastHeardMs = Date.now();
  // Only now: what happened while nobody listened stands in the list, what happens from here on comes by the stream.
  await loadList();
  setConnection('on');
  const reader = createEventReader();
  const bytes = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await bytes.read();
    if (done) return;
    lastHeardMs = Date.now();
    for (const event of reader.push(value)) onEvent(event);
    if (reader.lastId) lastEventId = reader.lastId;
  }
}

function onEvent({ type, data }) {
  if (type === 'events.lost') {
    lastEventId = '';
    isDirty = true;
    return;
  }
  let said;
  try {
    said = JSON.parse(data);
  } catch {
    isDirty = true;
    return;
  }
  const id = said.incidentId ?? said.id;
  if (type.startsWith('incident.') && id) hear(id);
  else if (type.startsWith('call.') && said.kind === '911') hear(id);
  else if (type.startsWith('alert.') && incidents.has(id)) hear(id);
}

async function listen() {
  const run = new AbortController();
  listening?.abort();
  listening = run;
  let failures = 0;
  while (!run.signal.aborted) {
    const once = new AbortController();
    const watch = setInterval(() => {
      // A connection that died without a word: heartbeats come every 15 seconds.
      if (Date.now() - lastHeardMs > QUIET_LIMIT_MS) once.abort();
    }, 1000);
    lastHeardMs = Date.now();
    try {
      await readStream(AbortSignal.any([run.signal, once.signal]));
      failures = 0;
    } catch (error) {
      if (error instanceof Refused) return lock(error.message);
      if (connection === 'on') failures = 0;
    } finally {
      clearInterval(watch);
    }
    if (run.signal.aborted) return undefined;
    setConnection('off');
    const pause = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
    failures += 1;
    await new Promise((resolve) => {
      setTimeout(resolve, pause);
    });
  }
  return undefined;
}

// New incidents: heard, said, and shown by the computer.

function tellOfNew(fresh) {
  const sorted = [...fresh].sort(compareIncidents);
  const urgent = sorted.filter(({ severity }) => severity === 'emergency' || severity === 'critical');
  const spoken = sorted.slice(0, 3).map(announcement).join(' ');
  const rest = sorted.length > 3 ? ` And ${sorted.length - 3} more.` : '';
  $(urgent.length > 0 ? 'announcer' : 'murmur').textContent = spoken + rest;
  if (isFirstList) return;
  if (urgent.length === 0) sound.once();
  for (const incident of sorted.slice(0, 5)) void showNotification(incident);
}

async function showNotification(incident) {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const title = `${SEVERITIES[incident.severity]?.name ?? 'Alert'}: ${headlineOf(incident)}`;
  const options = {
    body: [
      incident.place ?? (incident.callId && 'Place unknown'),
      incident.caller,
      incident.callbackNumber && `Call back ${incident.callbackNumber}`,
    ]
      .filter(Boolean)
      .join('\n'),
    // The same as that of a push message: of both, one is shown.
    icon: '/desk/icon.svg',
    tag: incident.id,
    requireInteraction: incident.severity === 'emergency',
    data: { url: `/desk?incident=${incident.id}` },
  };
  const registration = await navigator.serviceWorker?.getRegistration('/desk');
  if (registration?.active) await registration.showNotification(title, options);
  else {
    const shown = new Notification(title, options);
    shown.addEventListener('click', () => {
      window.focus();
      choose(incident.id);
      shown.close();
    });
  }
}

// Acting.

/** What did not work stands there long enough to be read. */
function complain(text) {
  problem = text;
  clearTimeout(forgetting);
  forgetting = setTimeout(() => {
    problem = null;
    render();
  }, COMPLAINT_MS);
  render();
}

const busy = new Set();

async function act(id, action, note) {
  if (busy.has(id)) return;
  busy.add(id);
  render();
  try {
    await ask(`/api/incidents/${encodeURIComponent(id)}/actions/${action}/invoke`, {
      method: 'POST',
      body: note ? { note } : {},
    });
    // It is done, whether or not it can be read at once.
    await loadDetail(id).catch(() => {
      isDirty = true;
    });
  } catch (error) {
    complain(`That did not work: ${error.message}. Nothing was changed here; try again.`);
  } finally {
    busy.delete(id);
    render();
  }
}

let asked = null;

function askToResolve(id) {
  asked = id;
  $('ask-title').textContent = `Resolve: ${headlineOf(incidents.get(id))}`;
  $('ask-note').value = '';
  $('ask').returnValue = '';
  $('ask').showModal();
}

$('ask').addEventListener('close', () => {
  const id = asked;
  asked = null;
  if (id !== null && $('ask').returnValue === 'ok') void act(id, 'resolve', $('ask-note').value.trim());
  if (id !== null) cards.get(id)?.root.focus();
});

function silence() {
  for (const { id, state } of incidents.values()) if (state === 'open') silenced.add(id);
  $('murmur').textContent = 'Silenced. New incidents sound again.';
  render();
}

// What is seen. Cards stay in place and are filled anew, so that focus, selection and reading are not lost.

const cards = new Map();

const ordered = () => [...incidents.values()].sort(compareIncidents);

const timeOf = (text) =>
  new Date(text).toLocaleTimeString('en-CA', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

/** Sets text only where it differs, so that readers are not told again what they know; an element without text is not there. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === '';
}

function createCard(id) {
  const part = {};
  const piece = (name, tag, className) => {
    part[name] = make(tag, { class: className ?? name });
    return part[name];
  };
  const root = make('article', { class: 'card', id: `incident-${id}`, tabIndex: 0, 'data-id': id });
  part.markBox = make('div', { class: 'mark-box' });
  part.acknowledge = make(
    'button',
    {
      type: 'button',
      class: 'strong acknowledge',
      onclick: () => void act(id, 'acknowledge'),
      'aria-keyshortcuts': 'A',
    },
    'Acknowledge',
    key('A'),
  );
  part.resolve = make(
    'button',
    { type: 'button', class: 'resolve', onclick: () => askToResolve(id), 'aria-keyshortcuts': 'R' },
    'Resolve…',
    key('R'),
  );
  part.reopen = make(
    'button',
    { type: 'button', class: 'reopen', onclick: () => void act(id, 'reopen') },
    'Open again',
  );
  part.callback = make('a', { class: 'number' });
  part.trace = make('a', { class: 'trace' }, 'Everything about this call');
  part.told = make('ul', { class: 'told' });
  part.toldSummary = make('summary');
  part.toldBox = make(
    'details',
    { class: 'told-box', open: matchMedia('(min-width: 60rem)').matches },
    part.toldSummary,
    part.told,
  );
  part.flags = make('ul', { class: 'flags', 'aria-label': 'Noteworthy' });
  const fact = (name, label, ...contents) => {
    part[`${name}Row`] = make('div', { class: `fact ${name}` }, make('dt', {}, label), make('dd', {}, ...contents));
    return part[`${name}Row`];
  };
  root.append(
    make(
      'header',
      {},
      part.markBox,
      make('div', { class: 'kind' }, piece('severity', 'p'), piece('headline', 'h2')),
      make('p', { class: 'age' }, piece('age', 'span', 'age-value'), piece('since', 'time')),
    ),
    make('div', { class: 'where' }, piece('whereFirst', 'p', 'where-first'), piece('whereRest', 'p', 'where-rest')),
    make(
      'dl',
      { class: 'facts' },
      fact('who', 'Caller', piece('who', 'span'), piece('whoNumber', 'span', 'who-number')),
      fact('back', 'Call back', part.callback),
      fact('state', 'Call', piece('call', 'span')),
    ),
    part.flags,
    make('div', { class: 'standing-box' }, piece('standing', 'p'), piece('escalation', 'p'), part.toldBox, part.trace),
    make('div', { class: 'row' }, part.acknowledge, part.resolve, part.reopen),
  );
  return { root, part, shape: '', lines: '' };
}

function fillCard(card, incident) {
  const { root, part } = card;
  const { id, severity, state } = incident;
  const { call = null, told = [] } = details.get(id) ?? {};
  root.dataset.severity = severity;
  root.dataset.state = state;
  root.dataset.drill = String(Boolean(incident.isDrill));
  root.setAttribute('aria-busy', String(busy.has(id)));
  // A drill must not look like an emergency from afar.
  const shape = incident.isDrill ? 'info' : severity;
  if (card.shape !== shape) {
    part.markBox.replaceChildren(mark(shape));
    card.shape = shape;
  }
  const headline = headlineOf(incident);
  say(part.severity, incident.isDrill ? 'Drill – no emergency' : (SEVERITIES[severity]?.name ?? severity));
  say(part.headline, headline);
  part.since.dateTime = incident.openedAt;
  say(part.since, `since ${timeOf(incident.openedAt)}`);
  const place = placeLines(call?.location?.text ?? incident.place, call?.location?.indoorText ?? null);
  const isCall = incident.callId !== null;
  say(part.whereFirst, incident.place || isCall ? place.first : incident.title);
  say(part.whereRest, place.rest);
  part.whoRow.hidden = !incident.caller && !isCall;
  const { name, number } = callerParts(incident.caller);
  say(part.who, name);
  say(part.whoNumber, number);
  part.backRow.hidden = !isCall;
  say(part.callback, incident.callbackNumber ?? 'none');
  if (incident.callbackNumber) part.callback.href = `tel:${incident.callbackNumber.replaceAll(/[^\d+*#]/g, '')}`;
  else part.callback.removeAttribute('href');
  const going = callState(call);
  part.stateRow.hidden = !going;
  if (going) {
    say(part.call, `${going.text}, ${timeOf(going.at)}`);
    part.stateRow.dataset.live = String(going.isLive);
  }
  const words = flagWords(call?.flags);
  part.flags.hidden = words.length === 0;
  if (part.flags.textContent !== words.join(''))
    part.flags.replaceChildren(...words.map((word) => make('li', {}, word)));
  const standing = standingText(incident);
  const at = state === 'resolved' ? incident.resolvedAt : incident.acknowledgedAt;
  say(part.standing, state === 'open' || !at ? standing : `${standing}, ${timeOf(at)}`);
  part.toldBox.hidden = !details.has(id);
  say(part.toldSummary, toldSummary(told));
  part.toldBox.dataset.trouble = String(told.some((one) => one.state === 'failed' || one.state === 'exhausted'));
  const lines = JSON.stringify(told);
  if (card.lines !== lines) {
    card.lines = lines;
    part.told.replaceChildren(
      ...told.map((one) =>
        make(
          'li',
          { 'data-state': one.state },
          make('span', { class: 'told-who' }, one.who),
          make('span', { class: 'told-channel' }, one.channel),
          make(
            'span',
            { class: 'told-state' },
            one.at && one.state === 'accepted' ? `${one.stateText} ${timeOf(one.at)}` : one.stateText,
          ),
          one.error ? make('span', { class: 'told-error' }, one.error) : null,
        ),
      ),
    );
  }
  part.trace.hidden = !isCall;
  part.trace.href = `/calls/${incident.callId}`;
  part.acknowledge.hidden = state !== 'open';
  part.resolve.hidden = state === 'resolved';
  part.reopen.hidden = state !== 'resolved';
  for (const button of [part.acknowledge, part.resolve, part.reopen]) button.disabled = busy.has(id);
  part.acknowledge.setAttribute('aria-label', `Acknowledge: ${headline}, ${incident.caller ?? ''}`);
  part.resolve.setAttribute('aria-label', `Resolve: ${headline}, ${incident.caller ?? ''}`);
  part.reopen.setAttribute('aria-label', `Open again: ${headline}`);
  tickCard(card, incident);
}

/** What changes with time alone. */
function tickCard({ root, part }, incident) {
  const end = incident.state === 'resolved' && incident.resolvedAt ? Date.parse(incident.resolvedAt) : serverNow();
  const ageMs = end - Date.parse(incident.openedAt);
  say(part.age, ageText(ageMs));
  say(part.escalation, escalationText(incident, serverNow()) ?? '');
  root.setAttribute('aria-label', `${headlineOf(incident)}, ${incident.state}, for ${spokenAge(ageMs)}`);
}

function place(section, list) {
  const wanted = list.map((incident) => {
    let card = cards.get(incident.id);
    if (!card) {
      card = createCard(incident.id);
      cards.set(incident.id, card);
    }
    fillCard(card, incident);
    return card.root;
  });
  const wantedSet = new Set(wanted);
  for (const child of Array.from(section.children)) if (!wantedSet.has(child)) child.remove();
  wanted.forEach((root, at) => {
    if (section.children[at] === root) return;
    const hadFocus = root.contains(document.activeElement);
    section.insertBefore(root, section.children[at] ?? null);
    if (hadFocus) root.focus();
  });
}

function warnings() {
  const list = [];
  if (connection !== 'on') {
    list.push({ kind: 'bad', text: 'Not connected: new emergencies are not shown here. Trying again…' });
  }
  if (!sound.isOn()) {
    list.push({
      kind: 'bad',
      text: 'The sound is off: the browser wants a click first.',
      button: 'Turn the sound on',
      onclick: () => void sound.allow(),
    });
  }
  const ending = endingText(endsAt, serverNow());
  if (ending) list.push({ kind: 'mild', text: ending });
  const skew = skewText(skewMs);
  if (skew) list.push({ kind: 'mild', text: skew });
  if (isMore) list.push({ kind: 'mild', text: `Only the first ${LISTED} incidents are shown.` });
  if (problem) list.push({ kind: 'bad', text: problem });
  return list;
}

let shownWarnings = '';

function renderWarnings() {
  const list = warnings();
  const key = JSON.stringify(list);
  if (key === shownWarnings) return;
  shownWarnings = key;
  $('warnings').replaceChildren(
    ...list.map(({ kind, text, button, onclick }) =>
      make(
        'p',
        { class: 'warning', 'data-kind': kind, role: 'alert' },
        text,
        button ? make('button', { type: 'button', onclick }, button) : null,
      ),
    ),
  );
}

function render() {
  if (document.body.dataset.state !== 'open') return;
  const all = ordered();
  const of = (state) => all.filter((incident) => incident.state === state);
  const [open, taken, settled] = [of('open'), of('acknowledged'), of('resolved').slice(0, SETTLED_SHOWN)];
  for (const id of silenced) if (incidents.get(id)?.state !== 'open') silenced.delete(id);
  place($('open'), open);
  place($('taken'), taken);
  place($('settled'), settled);
  const shown = new Set([...open, ...taken, ...settled].map(({ id }) => id));
  for (const id of cards.keys()) if (!shown.has(id)) cards.delete(id);
  const isEmpty = open.length + taken.length === 0;
  document.body.dataset.load = open.length === 0 ? 'calm' : open.length === 1 ? 'one' : 'many';
  $('empty').hidden = !isEmpty || connection !== 'on';
  const counts = [
    open.length > 0 ? `${open.length} open` : 'Nothing open',
    taken.length > 0 ? `${taken.length} acknowledged` : '',
    connection === 'on' || listedAt === null ? '' : `as of ${timeOf(listedAt)}`,
  ];
  say($('counts'), counts.filter(Boolean).join(' · '));
  $('counts').dataset.open = String(open.length > 0);
  document.title = open.length > 0 ? `(${open.length}) Alert desk` : 'Alert desk – Waymark';
  const alarm = alarmOf(all, silenced);
  sound.set(alarm);
  const isOn = sound.isOn();
  document.documentElement.dataset.alarm = alarm ?? 'none';
  say($('sound'), isOn ? 'Sound is on' : 'Sound is off');
  $('sound').setAttribute('aria-pressed', String(isOn));
  $('silence').hidden = alarm === null;
  say($('connection'), connection === 'on' ? 'Connected' : 'Not connected');
  $('connection').dataset.state = connection;
  renderWarnings();
  tick();
  if (wanted) choose(wanted);
}

function tick() {
  const now = new Date(serverNow());
  $('clock').dateTime = now.toISOString();
  say(
    $('clock'),
    now.toLocaleTimeString('en-CA', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }),
  );
  for (const [id, card] of cards) {
    const incident = incidents.get(id);
    if (incident) tickCard(card, incident);
  }
  if (!$('empty').hidden) {
    say($('empty'), 'Nothing is open. New emergencies appear here by themselves, with a sound.');
    $('empty').hidden = false;
  }
}

/** The incident of the link that led here, until it is there to be chosen. */
let wanted = new URLSearchParams(location.search).get('incident');

function choose(id) {
  const card = cards.get(id);
  if (!card) return;
  wanted = null;
  card.root.focus();
  card.root.scrollIntoView({ block: 'nearest' });
}

// Keys. Those of incidents work on the chosen one alone, so that no key acts by accident.

document.addEventListener('keydown', (event) => {
  if (document.body.dataset.state !== 'open' || $('ask').open || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  if (target.matches?.('input, textarea, select')) return;
  const roots = [...document.querySelectorAll('main .card')];
  const current = target.closest?.('.card') ?? null;
  const id = current?.dataset.id;
  const incident = id && incidents.get(id);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    const at = roots.indexOf(current);
    const next = current ? roots[at + (key === 'ArrowDown' ? 1 : -1)] : roots[0];
    if (!next) return;
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
  } else if (key === 'a' && incident?.state === 'open') void act(id, 'acknowledge');
  else if (key === 'r' && incident && incident.state !== 'resolved') askToResolve(id);
  else if (key === 's') silence();
  else if (key === 'f') toggleFullscreen();
  else return;
  event.preventDefault();
});

// Whatever is clicked or typed lets the page make sound.
for (const gesture of ['pointerdown', 'keydown']) {
  document.addEventListener(gesture, () => {
    if (document.body.dataset.state === 'open' && !sound.isOn()) void sound.allow();
  });
}

function toggleFullscreen() {
  const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  change.catch(() => {
    complain('The browser does not give the full screen.');
  });
}

// A screen that goes dark shows no emergency.
let wakeLock = null;
async function stayAwake() {
  if (document.visibilityState !== 'visible' || !navigator.wakeLock || (wakeLock && !wakeLock.released)) return;
  try {
    wakeLock = await navigator.wakeLock.request('screen');
  } catch {
    // The battery is low or the system forbids it: the desk goes on.
    wakeLock = null;
  }
}
document.addEventListener('visibilitychange', () => void stayAwake());

// Settings of this browser.

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  $('theme').value = theme;
  localStorage.setItem(THEME_KEY, theme);
}

const workerPolicy = window.trustedTypes?.createPolicy('desk-worker', {
  createScriptURL(path) {
    if (path !== '/desk-worker.js') throw new TypeError(`no script of the desk: ${path}`);
    return path;
  },
});

async function registerWorker() {
  if (!('serviceWorker' in navigator)) return null;
  const path = workerPolicy ? workerPolicy.createScriptURL('/desk-worker.js') : '/desk-worker.js';
  return navigator.serviceWorker.register(path, { scope: '/desk' });
}

function keyBytes(text) {
  const plain = atob(
    text
      .replaceAll('-', '+')
      .replaceAll('_', '/')
      .padEnd(Math.ceil(text.length / 4) * 4, '='),
  );
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

async function storeSubscription(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  const label = `${navigator.userAgentData?.platform || navigator.platform || 'Browser'} at the desk`.slice(0, 80);
  return ask('/api/push-subscriptions', { method: 'POST', body: { endpoint, keys, label } });
}

const PUSH_ID_KEY = 'waymark-desk-push';

async function togglePush() {
  const registration = await registerWorker();
  const current = await registration?.pushManager.getSubscription();
  try {
    if (current) {
      const id = localStorage.getItem(PUSH_ID_KEY);
      if (id) await ask(`/api/push-subscriptions/${encodeURIComponent(id)}`, { method: 'DELETE' });
      localStorage.removeItem(PUSH_ID_KEY);
      await current.unsubscribe();
    } else {
      if ((await Notification.requestPermission()) !== 'granted') throw new Error('notifications are not allowed');
      const { publicKey } = await ask('/api/push-key');
      await navigator.serviceWorker.ready;
      const made = await registration.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: keyBytes(publicKey),
      });
      localStorage.setItem(PUSH_ID_KEY, (await storeSubscription(made)).id);
    }
    $('push-note').textContent = '';
  } catch (error) {
    $('push-note').textContent = `That did not work: ${error.message}`;
  }
  await showSettings();
}

async function showSettings() {
  const hasNotifications = 'Notification' in window;
  $('notify').hidden = !hasNotifications || Notification.permission === 'granted';
  const registration = await registerWorker().catch(() => null);
  const hasPush = Boolean(registration?.pushManager);
  $('push').hidden = !hasPush;
  if (!hasPush) return;
  const current = await registration.pushManager.getSubscription().catch(() => null);
  $('push').textContent = current
    ? 'No longer tell this browser while the desk is closed'
    : 'Tell this browser also while the desk is closed';
  // Told again that it is still here, or the platform forgets it after 60 days.
  if (current) await storeSubscription(current).catch(() => null);
}

$('sound').addEventListener('click', () => void sound.allow());
$('try-sound').addEventListener('click', () => void sound.allow().then(() => sound.once()));
$('silence').addEventListener('click', silence);
$('fullscreen').addEventListener('click', toggleFullscreen);
$('theme').addEventListener('change', () => setTheme($('theme').value));
$('notify').addEventListener('click', () => void Notification.requestPermission().then(showSettings));
$('push').addEventListener('click', () => void togglePush());
$('leave').addEventListener('click', () => void leave());
navigator.serviceWorker?.addEventListener('message', ({ data }) => data?.show && choose(data.show));

// Coming and going.

/** Signs out: a session of the console ends everywhere in this browser. */
async function leave() {
  if (access?.token === null) {
    try {
      const answer = await fetch('/session/end', {
        method: 'POST',
        headers: { ...access.ownPage, 'content-type': 'application/json' },
        body: '{}',
        signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    } catch (error) {
      problem = `Signing out did not work: ${error.message}`;
      render();
      return;
    }
  }
  lock('');
}

function lock(message) {
  listening?.abort();
  access = null;
  endsAt = null;
  lastEventId = '';
  isFirstList = true;
  listedAt = null;
  sessionStorage.removeItem(TOKEN_KEY);
  localStorage.removeItem(TOKEN_KEY);
  for (const known of [incidents, details, silenced, announced, cards, waiting, settling, knownSince]) known.clear();
  for (const section of ['open', 'taken', 'settled', 'warnings']) $(section).replaceChildren();
  shownWarnings = '';
  sound.set(null);
  connection = 'off';
  $('problem').textContent = message;
  $('token').value = '';
  showForm();
}

function openByToken(token) {
  const store = $('keep').checked ? localStorage : sessionStorage;
  store.setItem(TOKEN_KEY, token);
  open(byToken(token));
}

function open(given) {
  access = given;
  document.body.dataset.state = 'open';
  $('problem').textContent = '';
  render();
  void stayAwake();
  void showSettings();
  void listen();
  void lookWhoAsks();
}

/** For whom the desk watches, and for how long yet. */
async function lookWhoAsks() {
  if (access === null) return;
  try {
    const session = await ask('/api/session');
    organization = session.organization.name;
    endsAt = session.endsAt;
    say($('organization'), organization);
  } catch {
    // The stream tells when nobody is signed in any more, and this is asked again.
  }
}

function showForm() {
  if (access !== null) return;
  document.body.dataset.state = 'locked';
  $('token').focus();
}

/** As whoever is signed in to the console; otherwise the desk asks for a token. */
async function enterBySession() {
  const slow = setTimeout(showForm, FORM_AFTER_MS);
  const found = await fetch(addressOf('/api/session'), {
    cache: 'no-store',
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  }).catch(() => null);
  clearTimeout(slow);
  // Somebody was quicker with a token.
  if (access !== null || $('token').value !== '') return;
  // A platform that cannot say who is signed in may be able to in a moment: the desk tries again, and says so.
  if (found === null || found.ok || found.status >= 500) {
    void sound.allow();
    open(bySession());
  } else showForm();
}

$('enter').addEventListener('submit', (event) => {
  event.preventDefault();
  const given = $('token').value.trim();
  if (given === '') return;
  void sound.allow();
  openByToken(given);
});

setInterval(tick, 1000);
setInterval(() => void lookWhoAsks(), WHO_EVERY_MS);
setInterval(() => {
  if (document.body.dataset.state !== 'open' || listsUnderWay > 0 || connection !== 'on') return;
  isDirty = false;
  loadList().catch((error) => {
    isDirty = true;
    if (error instanceof Refused) lock(error.message);
  });
}, RELOAD_EVERY_MS);
setInterval(() => {
  if (!isDirty || listsUnderWay > 0 || connection !== 'on') return;
  isDirty = false;
  loadList().catch(() => {
    isDirty = true;
  });
}, 1000);

setTheme(localStorage.getItem(THEME_KEY) ?? 'auto');
const kept = sessionStorage.getItem(TOKEN_KEY) ?? localStorage.getItem(TOKEN_KEY);
$('keep').checked = localStorage.getItem(TOKEN_KEY) !== null;
if (kept) {
  // Works where the browser remembers that this page may sound; elsewhere the desk says that it is silent.
  void sound.allow();
  openByToken(kept);
} else void enterBySession();
