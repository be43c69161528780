import { type ApiClient, ApiError } from '../../transport/api-client.ts';
import { hereMember, type Plan, type PlanItem, resolveLocation } from './compare-organizations.ts';
import type { Fields, Item, MemberKind } from './organization-content.ts';

export type WriteDeps = {
  api: ApiClient;
  organizationId: string;
  here: Plan['here'];
  /** A thing of the source has become this one of ours. */
  made: (item: Item, ourId: string) => void;
};

/** What this needs is not here (yet). */
export class NotYetError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotYetError';
  }
}

type Body = Record<string, unknown>;

const ADDRESS_FIELDS = ['address1', 'address2', 'city', 'state', 'postalCode', 'country'];
const CALLING_FIELDS = ['announcementLanguage', 'routingPrefix', 'callingLine'];
const GONE = [404, 410];

/** The said fields of these names; null, which says "none", stands for itself only where the caller asks for it. */
function said(fields: Fields, names: readonly string[]): Body {
  return Object.fromEntries(names.map((name) => [name, fields[name] ?? undefined]));
}

function addressOf(wanted: Fields, current: Fields | undefined): Body {
  return said(
    Object.fromEntries(
      ADDRESS_FIELDS.map((name) => [name, wanted[name] === undefined ? current?.[name] : wanted[name]]),
    ),
    ADDRESS_FIELDS,
  );
}

function workspaceCalling(fields: Fields, locationId: string | undefined): Body {
  if (fields['calling'] !== 'yes') return { type: 'none' };
  return { type: 'webexCalling', webexCalling: { ...said(fields, ['phoneNumber', 'extension']), locationId } };
}

/** The request that makes or changes one item of a plan, through the platform's own door. */
export function createItemWriter({ api, organizationId, here, made }: WriteDeps) {
  const path = (rest: string): string => `v1/${rest}?orgId=${encodeURIComponent(organizationId)}`;
  const id = (text: string): string => encodeURIComponent(text);
  const send = (method: string, rest: string, body?: Body): Promise<unknown> => api.request(method, path(rest), body);

  function locationOf(item: Item): string {
    const found = item.at === undefined ? undefined : resolveLocation(here, item.at);
    if (found === undefined) throw new NotYetError('its location is not here');
    return found;
  }

  async function create(item: Item, rest: string, body: Body): Promise<string> {
    const { id: ourId } = await api.request<{ id: string }>('POST', path(rest), body);
    made(item, ourId);
    return ourId;
  }

  async function writeCalling(locationId: string, fields: Fields, names: readonly string[]): Promise<void> {
    const { announcementLanguage, routingPrefix, callingLine } = fields;
    if (names.length === 0) return;
    await send('PUT', `telephony/config/locations/${id(locationId)}`, {
      ...(names.includes('announcementLanguage') && { announcementLanguage }),
      ...(names.includes('routingPrefix') && { routingPrefix }),
      ...(names.includes('callingLine') && { callingLineId: { name: callingLine ?? fields['name'] } }),
    });
  }

  async function writeLocation({ wanted, current, differences }: PlanItem & { wanted: Item }): Promise<void> {
    const { fields } = wanted;
    const changed = new Set(differences.map(({ field }) => field));
    const isMade = here.get(`location/${wanted.key}`);
    const preferredLanguage =
      fields['preferredLanguage'] ?? current?.fields['preferredLanguage'] ?? wanted.once?.['preferredLanguage'];
    const whole: Body = {
      ...said(fields, ['name', 'timeZone', 'latitude', 'longitude', 'notes']),
      preferredLanguage,
      announcementLanguage: fields['announcementLanguage'] ?? preferredLanguage,
      address: addressOf(fields, current?.fields),
    };
    const locationId = isMade ?? (await create(wanted, 'locations', whole));
    if (current) {
      const names = ['name', 'timeZone', 'preferredLanguage', 'notes'].filter((name) => changed.has(name));
      const position = changed.has('latitude') || changed.has('longitude') ? ['latitude', 'longitude'] : [];
      const hasNewAddress = ADDRESS_FIELDS.some((name) => changed.has(name));
      if (names.length + position.length > 0 || hasNewAddress) {
        await send('PUT', `locations/${id(locationId)}`, {
          ...said(fields, [...names, ...position]),
          ...(hasNewAddress && { address: whole['address'] }),
        });
      }
    }
    if (fields['calling'] === 'yes' && changed.has('calling')) {
      await send('POST', 'telephony/config/locations', { ...whole, id: locationId }).catch((error: unknown) => {
        // Enabled before the answer of an earlier attempt got lost.
        if (!(error instanceof ApiError && error.status === 409 && isMade !== undefined && !current)) throw error;
      });
    }
    if (fields['calling'] !== 'no') {
      const isAsNamed = (name: string): boolean => name === 'callingLine' && !current && fields[name] === null;
      await writeCalling(
        locationId,
        fields,
        CALLING_FIELDS.filter((name) => changed.has(name) && !isAsNamed(name)),
      );
    }
  }

  function personBody({ fields }: Item, locationId: string): Body {
    const { email, lastName, phoneNumber } = fields;
    return {
      ...said(fields, ['firstName', 'displayName', 'extension']),
      emails: [email],
      ...(lastName !== undefined && { lastName: lastName ?? '' }),
      locationId,
      ...(phoneNumber && { phoneNumbers: [{ type: 'work', value: phoneNumber, primary: true }] }),
      ...(phoneNumber === null && { phoneNumbers: [] }),
    };
  }

  async function writeMember({ wanted, current, differences }: PlanItem & { wanted: Item }): Promise<void> {
    const { kind, fields } = wanted;
    const locationId = locationOf(wanted);
    const ours = current && id(current.key);
    switch (kind as MemberKind) {
      case 'person': {
        const body = personBody(wanted, locationId);
        await (ours ? send('PUT', `people/${ours}`, body) : create(wanted, 'people', body));
        return;
      }
      case 'workspace': {
        const calling = workspaceCalling(fields, locationId);
        const loses = differences.some(
          ({ field, after }) => (field === 'phoneNumber' || field === 'extension') && after === null,
        );
        // The contract takes a number or an extension of a workspace away only with its calling.
        if (ours && loses) await send('PUT', `workspaces/${ours}`, { calling: { type: 'none' } });
        const body = { ...said(fields, ['displayName', 'supportedDevices']), locationId, calling };
        await (ours ? send('PUT', `workspaces/${ours}`, body) : create(wanted, 'workspaces', body));
        return;
      }
      case 'virtualLine': {
        const body = said(fields, ['firstName', 'lastName', 'phoneNumber', 'extension']);
        await (ours
          ? send('PUT', `telephony/config/virtualLines/${ours}`, body)
          : create(wanted, 'telephony/config/virtualLines', { ...body, locationId }));
        return;
      }
      case 'huntGroup': {
        const { enabled } = fields;
        const body = {
          ...said(fields, ['name', 'phoneNumber', 'extension']),
          ...(enabled && { enabled: enabled === 'yes' }),
        };
        const groups = `telephony/config/locations/${id(locationId)}/huntGroups`;
        await (ours ? send('PUT', `${groups}/${ours}`, body) : create(wanted, groups, body));
      }
    }
  }

  const numbersAt = (locationId: string): string => `telephony/config/locations/${id(locationId)}/numbers`;

  async function writeCallback({ wanted }: PlanItem & { wanted: Item }): Promise<void> {
    const { selected, member, elinExpiryMinutes } = wanted.fields;
    const [kind = ''] = (wanted.owner ?? '').split('/');
    const ours = here.get(wanted.owner ?? '');
    if (ours === undefined) throw new NotYetError('whose setting it is is not here');
    const locationMemberId = member ? hereMember(here, member) : undefined;
    if (member && locationMemberId === undefined) throw new NotYetError('the member that stands in is not here');
    const paths: Record<string, string> = {
      location: `telephony/config/locations/${id(ours)}/features/emergencyCallbackNumber`,
      person: `telephony/config/people/${id(ours)}/emergencyCallbackNumber`,
      workspace: `telephony/config/workspaces/${id(ours)}/emergencyCallbackNumber`,
      virtualLine: `telephony/config/virtualLines/${id(ours)}/emergencyCallbackNumber`,
    };
    await send('PUT', paths[kind] ?? '', {
      selected,
      locationMemberId,
      ...(elinExpiryMinutes && { elinExpiryTimeMinutes: Number(elinExpiryMinutes) }),
    });
  }

  /** What is gone already need not go again. */
  async function remove(rest: string, body?: Body): Promise<void> {
    try {
      await send('DELETE', rest, body);
    } catch (error) {
      if (!(error instanceof ApiError && GONE.includes(error.status))) throw error;
    }
  }

  return {
    /** Numbers of one location that are alike in all but their digits. */
    async addNumbers(numbers: readonly (PlanItem & { wanted: Item })[]): Promise<void> {
      const [first] = numbers;
      if (!first) return;
      const { fields, once } = first.wanted;
      await send('POST', numbersAt(locationOf(first.wanted)), {
        phoneNumbers: numbers.map(({ wanted }) => wanted.key),
        state: fields['state'] === 'inactive' ? 'INACTIVE' : 'ACTIVE',
        ...(once?.['tollFree'] === 'yes' && { numberType: 'TOLLFREE' }),
        ...(once?.['service'] === 'yes' && { numberUsageType: 'SERVICE' }),
      });
    },

    /** Makes or changes what is no new number. Throws ApiError, NotYetError, NoAnswerError. */
    async write(item: PlanItem & { wanted: Item }): Promise<void> {
      const { wanted, current, differences } = item;
      switch (wanted.kind) {
        case 'location':
          return writeLocation(item);
        case 'number': {
          const phoneNumbers = [wanted.key];
          const locationId = locationOf(wanted);
          if (current?.at !== undefined && differences.some(({ field }) => field === 'location')) {
            await remove(numbersAt(current.at), { phoneNumbers });
            return this.addNumbers([item]);
          }
          const action = wanted.fields['state'] === 'inactive' ? 'DEACTIVATE' : 'ACTIVATE';
          await send('PUT', numbersAt(locationId), { phoneNumbers, action });
          return;
        }
        case 'mainNumber': {
          const { phoneNumber } = wanted.fields;
          await send('PUT', `telephony/config/locations/${id(locationOf(wanted))}`, { callingLineId: { phoneNumber } });
          return;
        }
        case 'callback':
          return writeCallback(item);
        case 'person':
        case 'workspace':
        case 'virtualLine':
        case 'huntGroup':
          return writeMember(item);
      }
    },

    /** Takes a number from its owner here, who gets another one or none, so that two can exchange theirs. */
    async releaseNumber({ wanted, current }: PlanItem & { wanted: Item }): Promise<boolean> {
      if (!current) return false;
      if (wanted.kind === 'person') await send('PUT', `people/${id(current.key)}`, { phoneNumbers: [] });
      else if (wanted.kind === 'workspace')
        await send('PUT', `workspaces/${id(current.key)}`, { calling: { type: 'none' } });
      else return false;
      return true;
    },

    async remove({ current }: PlanItem & { current: Item }): Promise<void> {
      const { kind, key, at = '', fields } = current;
      switch (kind) {
        case 'person':
          return remove(`people/${id(key)}`);
        case 'workspace':
          return remove(`workspaces/${id(key)}`);
        case 'virtualLine':
          return remove(`telephony/config/virtualLines/${id(key)}`);
        case 'huntGroup':
          return remove(`telephony/config/locations/${id(at)}/huntGroups/${id(key)}`);
        case 'number':
          return remove(numbersAt(at), { phoneNumbers: [key] });
        case 'location':
          if (fields['calling'] === 'yes') await remove(`telephony/config/locations/${id(key)}`);
          return remove(`locations/${id(key)}`);
        case 'mainNumber':
        case 'callback':
      }
    },
  };
}

export type ItemWriter = ReturnType<typeof createItemWriter>;
