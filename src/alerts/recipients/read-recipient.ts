import { ALERT_LANGUAGES, type AlertLanguage } from '../../domain/alert-trigger.ts';
import { ADDRESS_TOO_LONG, fitsIntoMail } from '../../domain/email-address.ts';
import { createFieldFaults, type FieldFaults } from '../../domain/field-faults.ts';
import { readE164 } from '../../domain/phone-number.ts';
import { isUuid } from '../../support/ids.ts';
import { type AlertChannel, type AlertEndpoint, endpointKey } from '../alert-endpoint.ts';
import { isAddress } from '../email-addresses.ts';
import type { AlertGroup, AlertRecipient } from './alert-recipient.ts';
import { type GivenSchedule, readSchedule, readTimeZone } from './read-schedule.ts';

/** An endpoint as an administrator writes it: which fields are needed depends on the channel. */
export type GivenEndpoint = {
  channel: AlertChannel;
  address?: string | undefined;
  number?: string | undefined;
  connectionId?: string | undefined;
  subscriptionId?: string | undefined;
};

export type NewRecipient = {
  name: string;
  /** `en` unless told. */
  language?: AlertLanguage | undefined;
  timeZone?: string | null | undefined;
  schedule?: GivenSchedule | null | undefined;
  endpoints: readonly GivenEndpoint[];
};

export type NewGroup = {
  name: string;
  recipientIds?: readonly string[] | undefined;
  schedule?: GivenSchedule | null | undefined;
};

export const MAX_NAME = 256;
const MAX_ENDPOINTS = 20;

// They would reach the headers of mails, log lines and other people's systems.
const CONTROL_CHARACTER = /[\p{Cc}\u2028\u2029]/u;

/** The recipient that a description means. Throws `invalid` with every field at fault. */
export function readRecipient(id: string, given: NewRecipient): AlertRecipient {
  const faults = createFieldFaults();
  const recipient = readRecipientFields(id, given, faults);
  faults.throwIfAny();
  return recipient;
}

/** The same for many: what is wrong is left in `faults`. */
export function readRecipientFields(id: string, given: NewRecipient, faults: FieldFaults): AlertRecipient {
  const language = given.language ?? 'en';
  if (!ALERT_LANGUAGES.includes(language)) faults.add('language', `needs one of ${ALERT_LANGUAGES.join(', ')}`);
  return {
    id,
    name: readName(given.name, faults),
    language,
    timeZone: readTimeZone(given.timeZone, 'timeZone', faults),
    schedule: readSchedule(given.schedule, 'schedule', faults),
    endpoints: readEndpoints(given.endpoints, faults),
  };
}

/** The group that a description means. Throws `invalid` with every field at fault. */
export function readGroup(id: string, given: NewGroup): AlertGroup {
  const faults = createFieldFaults();
  const group: AlertGroup = {
    id,
    name: readName(given.name, faults),
    recipientIds: readIds(given.recipientIds ?? [], 'recipientIds', faults),
    schedule: readSchedule(given.schedule, 'schedule', faults),
  };
  faults.throwIfAny();
  return group;
}

export function readName(text: string, faults: FieldFaults): string {
  const name = text.trim();
  if (name === '' || name.length > MAX_NAME) faults.add('name', `needs 1 to ${MAX_NAME} characters`);
  else if (CONTROL_CHARACTER.test(name)) faults.add('name', 'holds a control character');
  else if (!name.isWellFormed()) faults.add('name', 'holds half a character');
  return name;
}

/** Ids in lower case, each once. */
export function readIds(given: readonly string[], path: string, faults: FieldFaults): string[] {
  const wrong = given.findIndex((id) => !isUuid(id));
  if (wrong >= 0) faults.add(`${path}.${wrong}`, 'is no id');
  return [...new Set(given.map((id) => id.toLowerCase()))];
}

function readEndpoints(given: readonly GivenEndpoint[], faults: FieldFaults): AlertEndpoint[] {
  if (given.length === 0 || given.length > MAX_ENDPOINTS) {
    faults.add('endpoints', `needs 1 to ${MAX_ENDPOINTS} entries`);
  }
  const endpoints = new Map<string, AlertEndpoint>();
  for (const [index, one] of given.entries()) {
    const endpoint = readEndpoint(one, `endpoints.${index}`, faults);
    if (endpoint === undefined) continue;
    const key = endpointKey(endpoint);
    if (endpoints.has(key)) faults.add(`endpoints.${index}`, 'is there twice');
    endpoints.set(key, endpoint);
  }
  return [...endpoints.values()];
}

/** Which fields a channel has; another one is refused, as it would be lost without a word. */
const FIELDS: Readonly<Record<AlertChannel, readonly (keyof GivenEndpoint)[]>> = {
  email: ['address'],
  sms: ['number', 'connectionId'],
  webhook: ['connectionId'],
  chat: ['connectionId'],
  push: ['subscriptionId'],
};

function readEndpoint(given: GivenEndpoint, path: string, faults: FieldFaults): AlertEndpoint | undefined {
  const { channel } = given;
  const fields = FIELDS[channel];
  for (const [name, value] of Object.entries(given)) {
    if (name !== 'channel' && value !== undefined && !fields.includes(name as keyof GivenEndpoint)) {
      faults.add(`${path}.${name}`, `does not belong to channel ${channel}`);
    }
  }
  const id = (name: 'connectionId' | 'subscriptionId'): string => {
    const text = given[name] ?? '';
    if (!isUuid(text)) faults.add(`${path}.${name}`, 'needs an id');
    return text.toLowerCase();
  };
  switch (channel) {
    case 'email': {
      const address = given.address?.trim() ?? '';
      if (!fitsIntoMail(address)) faults.add(`${path}.address`, ADDRESS_TOO_LONG);
      else if (!isAddress(address)) faults.add(`${path}.address`, 'is not an e-mail address');
      return { channel, address };
    }
    case 'sms': {
      const number = readE164(given.number ?? '');
      if (number === null) faults.add(`${path}.number`, 'is not a telephone number such as +12145550123');
      return { channel, number: number ?? '', connectionId: id('connectionId') };
    }
    case 'webhook':
    case 'chat':
      return { channel, connectionId: id('connectionId') };
    case 'push':
      return { channel, subscriptionId: id('subscriptionId') };
  }
}
