import { createFieldFaults, type FieldFaults } from '../../domain/field-faults.ts';
import {
  CHAT_FLAVOURS,
  type ChatFlavour,
  type ConnectionKind,
  type OpenConnection,
  SMS_CONTENT_TYPES,
  SMS_METHODS,
  type SmsContentType,
  type SmsMethod,
  type SmsSecrets,
  type SuccessRule,
} from './alert-connection.ts';
import { fillBody, fillUrl, PLACEHOLDERS, type PlaceholderValues, placeholdersIn } from './fill-template.ts';
import { readJsonPath } from './find-json-value.ts';
import {
  findUrlFault,
  HIDDEN,
  isSameServer,
  type OutgoingPolicy,
  originOnly,
  withoutQueryValues,
} from './read-outgoing-url.ts';
import { newWebhookSecret } from './webhook-secret.ts';

/** The settings of every kind; each kind takes some of them. Absent: as it was, or the default. */
export type SettingsInput = {
  /** https; http only towards networks that the operator names. Needed to begin with. */
  url?: string | undefined;
  /** 1 to 20. */
  timeoutSeconds?: number | undefined;
  /** Of chat rooms, needed. */
  flavour?: ChatFlavour | undefined;
  /** The rest is of SMS gateways. POST unless told. */
  method?: SmsMethod | undefined;
  /** In the place of all there were; without a value: the one of that name stays. */
  headers?: readonly { name: string; value?: string | undefined }[] | undefined;
  body?: string | null | undefined;
  /** Of the body; JSON unless told. */
  contentType?: SmsContentType | null | undefined;
  from?: string | null | undefined;
  /** What `{secret}` stands for. */
  credential?: string | null | undefined;
  successRule?:
    | {
        statuses?: readonly number[] | undefined;
        bodyContains?: string | null | undefined;
        json?: { path: string; equals: readonly string[] } | null | undefined;
      }
    | undefined;
  /** 1 to 10. */
  maxSegments?: number | undefined;
};

export type NewConnection = {
  name: string;
  kind: ConnectionKind;
  isEnabled?: boolean | undefined;
  settings: SettingsInput;
};

/** What is absent stays. */
export type ConnectionChanges = {
  name?: string | undefined;
  isEnabled?: boolean | undefined;
  settings?: SettingsInput | undefined;
};

const MAX_CONNECTION_NAME = 80;
const MAX_SMS_BODY = 4_000;
const MAX_SMS_HEADERS = 16;
const MAX_HEADER_VALUE = 1_000;
const MAX_FROM = 32;
const MAX_CREDENTIAL = 1_000;
const MAX_RULE_TEXT = 200;
const DEFAULT_TIMEOUT_SECONDS = 10;
const LONGEST_TIMEOUT_SECONDS = 20;
const DEFAULT_SEGMENTS = 4;
const MOST_SEGMENTS = 10;

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
/** What the connection itself decides (RFC 9110 §7.6.1), and what would make two requests of one. */
const OWN_HEADERS =
  /^(?:host|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*)$/i;
const OF_KIND: Readonly<Record<ConnectionKind, readonly (keyof SettingsInput)[]>> = {
  webhook: ['url', 'timeoutSeconds'],
  chat: ['url', 'timeoutSeconds', 'flavour'],
  'sms-gateway': [
    'url',
    'timeoutSeconds',
    'method',
    'headers',
    'body',
    'contentType',
    'from',
    'credential',
    'successRule',
    'maxSegments',
  ],
};

/** Of a text to be put where a placeholder stands, to see that it stays in its place. */
const HOSTILE: PlaceholderValues = {
  number: '+15125550100',
  digits: '15125550100',
  text: '"}],&x=1<a b="c">\\\n',
  from: 'x',
  key: 'k',
  secret: 's',
};

/** What a connection is besides its settings. */
type ConnectionHead = Pick<
  OpenConnection,
  'id' | 'organizationId' | 'version' | 'createdAt' | 'updatedAt' | 'disabledReason'
>;

/** A connection as an administrator first describes it. Throws `invalid`, naming every field at fault. */
export function readConnection(head: ConnectionHead, wanted: NewConnection, policy: OutgoingPolicy): OpenConnection {
  return read(head, wanted, undefined, policy);
}

/** The same after a change. A webhook keeps its secrets. Throws `invalid`. */
export function changeConnection(
  before: OpenConnection,
  head: ConnectionHead,
  { name = before.name, isEnabled = before.isEnabled, settings = {} }: ConnectionChanges,
  policy: OutgoingPolicy,
): OpenConnection {
  return read(head, { name, kind: before.kind, isEnabled, settings }, before, policy);
}

function read(
  head: ConnectionHead,
  wanted: NewConnection,
  before: OpenConnection | undefined,
  policy: OutgoingPolicy,
): OpenConnection {
  const faults = createFieldFaults();
  const { kind, settings, isEnabled = true } = wanted;
  const name = wanted.name.trim();
  if (name === '' || name.length > MAX_CONNECTION_NAME || /\p{Cc}/u.test(name)) {
    faults.add('name', `expected 1 to ${MAX_CONNECTION_NAME} characters, none of them a control character`);
  }
  for (const [key, value] of Object.entries(settings)) {
    const isOfKind = OF_KIND[kind].some((known) => known === key);
    if (value !== undefined && !isOfKind) faults.add(`settings.${key}`, `is no setting of kind ${kind}`);
  }
  const url = readUrl(settings.url ?? before?.secrets.url, kind, settings.url !== undefined, policy, faults);
  const timeoutSeconds = settings.timeoutSeconds ?? before?.settings.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  if (!isWhole(timeoutSeconds, 1, LONGEST_TIMEOUT_SECONDS)) {
    faults.add('settings.timeoutSeconds', `expected 1 to ${LONGEST_TIMEOUT_SECONDS}`);
  }
  const common = { ...head, name, isEnabled };
  let connection: OpenConnection;
  if (kind === 'webhook') {
    const was = before?.kind === 'webhook' ? before : undefined;
    connection = {
      ...common,
      kind,
      settings: {
        url: withoutQueryValues(url),
        timeoutSeconds,
        previousSecretValidUntil: was?.settings.previousSecretValidUntil ?? null,
      },
      secrets: { url, signing: was?.secrets.signing ?? [{ secret: newWebhookSecret(), until: null }] },
    };
  } else if (kind === 'chat') {
    const flavour = settings.flavour ?? (before?.kind === 'chat' ? before.settings.flavour : undefined);
    if (!CHAT_FLAVOURS.some((known) => known === flavour)) {
      faults.add('settings.flavour', `expected one of ${CHAT_FLAVOURS.join(', ')}`);
    }
    faults.throwIfAny();
    connection = {
      ...common,
      kind,
      settings: { flavour: flavour as ChatFlavour, url: originOnly(url), timeoutSeconds },
      secrets: { url },
    };
  } else {
    connection = {
      ...common,
      kind,
      ...readSms(settings, before?.kind === 'sms-gateway' ? before : undefined, { url, timeoutSeconds }, faults),
    };
  }
  faults.throwIfAny();
  return connection;
}

function readUrl(
  url: string | undefined,
  kind: ConnectionKind,
  isNew: boolean,
  policy: OutgoingPolicy,
  faults: FieldFaults,
): string {
  const path = 'settings.url';
  if (url === undefined) {
    faults.add(path, 'is required');
    return '';
  }
  if (!isNew) return url;
  const isTemplate = kind === 'sms-gateway';
  const fault = url.includes(HIDDEN)
    ? 'is what was shown in the place of the real one'
    : !isTemplate && /[{}]/.test(url)
      ? 'holds braces'
      : findUrlFault(url, policy);
  if (fault !== undefined) faults.add(path, fault);
  return url;
}

type SmsParts = Pick<Extract<OpenConnection, { kind: 'sms-gateway' }>, 'settings' | 'secrets'>;

function readSms(
  wanted: SettingsInput,
  before: SmsParts | undefined,
  { url, timeoutSeconds }: { url: string; timeoutSeconds: number },
  faults: FieldFaults,
): SmsParts {
  const was = before?.settings;
  const method = wanted.method ?? was?.method ?? 'POST';
  if (!SMS_METHODS.includes(method)) faults.add('settings.method', `expected one of ${SMS_METHODS.join(', ')}`);
  const body = (wanted.body === undefined ? was?.body : wanted.body) ?? null;
  const given = (wanted.contentType === undefined ? was?.contentType : wanted.contentType) ?? 'application/json';
  if (!SMS_CONTENT_TYPES.includes(given)) {
    faults.add('settings.contentType', `expected one of ${SMS_CONTENT_TYPES.join(', ')}`);
  }
  const from = (wanted.from === undefined ? was?.from : wanted.from) ?? null;
  if (from !== null && (from === '' || from.length > MAX_FROM || /\p{Cc}/u.test(from))) {
    faults.add('settings.from', `expected 1 to ${MAX_FROM} characters`);
  }
  // What opened one server is not told to another by whoever may only change where it is.
  const isMoved = before !== undefined && !isSameServer(url, before.secrets.url);
  const known = before && !isMoved ? before.secrets : { headers: [], credential: null };
  if (isMoved) {
    const why = 'is to be given anew: the URL names another server';
    if (wanted.credential === undefined && before.secrets.credential !== null) faults.add('settings.credential', why);
    if (wanted.headers === undefined && before.secrets.headers.length > 0) faults.add('settings.headers', why);
  }
  const credential = (wanted.credential === undefined ? known.credential : wanted.credential) ?? null;
  if (credential !== null && (credential.length > MAX_CREDENTIAL || !/^[\x20-\x7e]+$/.test(credential))) {
    faults.add('settings.credential', `expected 1 to ${MAX_CREDENTIAL} printable ASCII characters`);
  }
  const maxSegments = wanted.maxSegments ?? was?.maxSegments ?? DEFAULT_SEGMENTS;
  if (!isWhole(maxSegments, 1, MOST_SEGMENTS)) faults.add('settings.maxSegments', `expected 1 to ${MOST_SEGMENTS}`);
  const headers = readHeaders(wanted.headers, known.headers, faults);
  const successRule = readRule(wanted.successRule, was?.successRule, faults);
  if (body !== null) findBodyFault(body, method, given, faults);
  findPlaceholderFaults(
    { url, body, headers: headers.map(({ value }) => value).join('') },
    { from, credential },
    faults,
  );
  return {
    settings: {
      method,
      url: withoutQueryValues(url),
      headerNames: headers.map(({ name }) => name),
      body,
      contentType: body === null ? null : given,
      from,
      hasCredential: credential !== null,
      successRule,
      maxSegments,
      timeoutSeconds,
    },
    secrets: { url, headers, credential },
  };
}

function readHeaders(
  wanted: SettingsInput['headers'],
  before: SmsSecrets['headers'],
  faults: FieldFaults,
): SmsSecrets['headers'] {
  if (wanted === undefined) return before;
  if (wanted.length > MAX_SMS_HEADERS) faults.add('settings.headers', `holds more than ${MAX_SMS_HEADERS}`);
  const names = new Set<string>();
  return wanted.slice(0, MAX_SMS_HEADERS).map(({ name, value }, index) => {
    const path = `settings.headers.${index}`;
    const lower = name.toLowerCase();
    if (!HEADER_NAME.test(name)) faults.add(`${path}.name`, 'is no name of a header field');
    else if (OWN_HEADERS.test(name)) faults.add(`${path}.name`, `${name} cannot be set`);
    else if (names.has(lower)) faults.add(`${path}.name`, `${name} is given twice`);
    names.add(lower);
    const known = value ?? before.find((other) => other.name.toLowerCase() === lower)?.value;
    if (known === undefined) faults.add(`${path}.value`, 'is required');
    else if (known.length > MAX_HEADER_VALUE || !/^[\x20-\x7e]+$/.test(known)) {
      faults.add(`${path}.value`, `expected 1 to ${MAX_HEADER_VALUE} printable ASCII characters`);
    }
    return { name, value: known ?? '' };
  });
}

function readRule(
  wanted: SettingsInput['successRule'],
  before: SuccessRule | undefined,
  faults: FieldFaults,
): SuccessRule {
  const path = 'settings.successRule';
  const none: SuccessRule = { statuses: [], bodyContains: null, json: null };
  if (wanted === undefined) return before ?? none;
  const { statuses = [], bodyContains = null, json = null } = wanted;
  if (statuses.length > 20 || !statuses.every((status) => isWhole(status, 200, 299))) {
    faults.add(`${path}.statuses`, 'expected at most 20 of 200 to 299');
  }
  if (bodyContains !== null && (bodyContains === '' || bodyContains.length > MAX_RULE_TEXT)) {
    faults.add(`${path}.bodyContains`, `expected 1 to ${MAX_RULE_TEXT} characters`);
  }
  if (json !== null && readJsonPath(json.path) === undefined) {
    faults.add(`${path}.json.path`, 'expected a path such as messages[0].status');
  }
  if (json !== null && (json.equals.length === 0 || json.equals.length > 20)) {
    faults.add(`${path}.json.equals`, 'expected 1 to 20 values');
  }
  return { statuses, bodyContains, json };
}

/** A template is tried with a text that would break out of its place if it could. */
function findBodyFault(body: string, method: SmsMethod, contentType: SmsContentType, faults: FieldFaults): void {
  const path = 'settings.body';
  if (body === '' || body.length > MAX_SMS_BODY) faults.add(path, `expected 1 to ${MAX_SMS_BODY} characters`);
  if (method === 'GET') faults.add(path, 'is not sent with GET');
  if (contentType === 'application/json' && !isJson(fillBody(body, contentType, HOSTILE))) {
    faults.add(path, 'is no JSON in which every placeholder stands within a text in quotes');
  }
  if (contentType === 'application/x-www-form-urlencoded' && /[^\x21-\x7e]/.test(body)) {
    faults.add(path, 'is no form: it holds spaces or characters beyond ASCII');
  }
  if (contentType.endsWith('xml') && /<!DOCTYPE|<!\[CDATA\[|<!--/i.test(body)) {
    // A text would not be escaped rightly there.
    faults.add(path, 'holds a DOCTYPE, a comment or a CDATA section');
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function findPlaceholderFaults(
  { url, body, headers }: { url: string; body: string | null; headers: string },
  { from, credential }: { from: string | null; credential: string | null },
  faults: FieldFaults,
): void {
  const request = placeholdersIn(`${url} ${body ?? ''}`);
  const all = placeholdersIn(`${url} ${body ?? ''} ${headers}`);
  if (!request.has('text')) faults.add('settings.body', 'the text stands nowhere: {text} is missing in URL and body');
  if (!request.has('number') && !request.has('digits')) {
    faults.add('settings.body', 'the number stands nowhere: {number} or {digits} is missing in URL and body');
  }
  if (all.has('from') && from === null) faults.add('settings.from', 'is required: {from} is used');
  if (all.has('secret') && credential === null) faults.add('settings.credential', 'is required: {secret} is used');
  const unknown = [...fillUrl(url, HOSTILE).matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (unknown.length > 0) {
    faults.add('settings.url', `names ${unknown.join(', ')}; known are ${PLACEHOLDERS.join(', ')}`);
  }
}

function isWhole(value: number, from: number, to: number): boolean {
  return Number.isInteger(value) && value >= from && value <= to;
}
