import { readE164 } from '../../domain/phone-number.ts';
import { type ApiClient, ApiError, NoAnswerError } from '../../transport/api-client.ts';
import { type PagesOptions, readPages } from '../../transport/read-pages.ts';
import {
  type Item,
  KINDS,
  type Kind,
  type LeftOut,
  noItems,
  type OrganizationContent,
} from './organization-content.ts';

export type LiveSource = {
  api: ApiClient;
  /** `orgId` of every request; absent: the organization of the token. */
  organizationId?: string | undefined;
  foreignLinks: PagesOptions['foreignLinks'];
  /** Also read which callback number everybody selected: one request for each. */
  callbacks: boolean;
  progress: (text: string) => void;
};

export type LiveContent = OrganizationContent & {
  /** Cannot be taken over as it is. */
  faults: LeftOut[];
  /** Not meant to be taken over, e.g. people without calling: how many of what. */
  remarks: string[];
};

type Json = Readonly<Record<string, unknown>>;

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** Trimmed text, also of a number; undefined when there is none. */
function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function yesOrNo(value: unknown): string | undefined {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : undefined;
}

function degrees(value: unknown): string | undefined {
  const number = Number(text(value) ?? Number.NaN);
  return Number.isFinite(number) ? String(number) : undefined;
}

type Owned = { phoneNumber: string | undefined; extension: string | undefined; at: string | undefined };

/** Everything of one Webex-compatible API, of a source or of ourselves. Throws ApiError, NoAnswerError. */
export async function readLive(source: LiveSource): Promise<LiveContent> {
  const { api, organizationId } = source;
  const items = noItems();
  const faults: LeftOut[] = [];
  const counts = new Map<string, number>();
  const remark = (what: string): void => {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  };

  const withOrganization = (path: string): string =>
    organizationId === undefined
      ? path
      : `${path}${path.includes('?') ? '&' : '?'}orgId=${encodeURIComponent(organizationId)}`;

  async function list(path: string, key: string, what: string): Promise<Json[]> {
    try {
      const found = await readPages(api, withOrganization(`v1/${path}`), key, { foreignLinks: source.foreignLinks });
      source.progress(`${found.length} ${what}`);
      return found.map(record);
    } catch (error) {
      if (error instanceof ApiError) {
        throw new ApiError(error.status, `cannot read the ${what} (${error.status}): ${error.message}`, error.body);
      }
      if (error instanceof NoAnswerError) throw new NoAnswerError(`cannot read the ${what}: ${error.message}`);
      throw error;
    }
  }

  function number(value: unknown, what: string): string | undefined {
    const given = text(value);
    if (given === undefined) return undefined;
    const read = readE164(given);
    if (read === null) faults.push({ what, reason: `${given.slice(0, 64)} is not a phone number` });
    return read ?? undefined;
  }

  const locations = await list('locations?max=1000', 'items', 'locations');
  const telephony = await list('telephony/config/locations?max=1000', 'locations', 'locations with calling');
  const numbers = await list('telephony/config/numbers?max=1000', 'phoneNumbers', 'numbers');
  const people = await list('people?callingData=true&max=100', 'items', 'people');
  const workspaces = await list('workspaces?max=1000', 'items', 'workspaces');
  const lines = await list('telephony/config/virtualLines?max=1000', 'virtualLines', 'virtual lines');
  const groups = await list('telephony/config/huntGroups?max=1000', 'huntGroups', 'hunt groups');

  const callingOf = new Map(telephony.map((one) => [text(one['id']), one]));
  const titles = new Map<string, string>();

  for (const one of locations) {
    const key = text(one['id']);
    const name = text(one['name']);
    if (key === undefined || name === undefined) {
      faults.push({ what: `location ${name ?? key ?? ''}`.trim(), reason: 'has no id or no name' });
      continue;
    }
    const calling = callingOf.get(key);
    const line = record(calling?.['callingLineId']);
    const address = record(one['address']);
    const announcementLanguage = text(calling?.['announcementLanguage']);
    const lineName = text(line['name']);
    titles.set(key, name);
    items.location.push({
      kind: 'location',
      key,
      sourceId: key,
      title: name,
      fields: {
        name,
        address1: text(address['address1']),
        address2: text(address['address2']) ?? null,
        city: text(address['city']),
        state: text(address['state']),
        postalCode: text(address['postalCode']),
        country: text(address['country'])?.toUpperCase(),
        timeZone: text(one['timeZone']),
        preferredLanguage: text(one['preferredLanguage']),
        latitude: degrees(one['latitude']),
        longitude: degrees(one['longitude']),
        notes: text(one['notes']),
        calling: calling ? 'yes' : 'no',
        announcementLanguage,
        routingPrefix: text(calling?.['routingPrefix']),
        // The name of the location unless somebody chose another.
        ...(lineName !== undefined && { callingLine: lineName === name ? null : lineName }),
      },
    });
    const main = number(line['phoneNumber'], `location ${name}`);
    if (main !== undefined) {
      items.mainNumber.push({ kind: 'mainNumber', key, at: key, title: name, fields: { phoneNumber: main } });
    }
  }

  const withMain = new Set(items.mainNumber.map(({ key }) => key));
  const ownedBy = new Map<string, Owned>();
  for (const one of numbers) {
    const given = text(one['phoneNumber']);
    const at = text(record(one['location'])['id']);
    const owner = text(record(one['owner'])['id']);
    const phoneNumber = number(given, `number ${given?.slice(0, 64) ?? ''}`);
    if (owner !== undefined && one['phoneNumberType'] !== 'ALTERNATE') {
      const known = ownedBy.get(owner);
      ownedBy.set(owner, {
        phoneNumber: known?.phoneNumber ?? phoneNumber,
        extension: known?.extension ?? text(one['extension']),
        at: known?.at ?? at,
      });
    }
    if (phoneNumber === undefined) continue;
    if (at === undefined || !titles.has(at)) {
      faults.push({ what: `number ${phoneNumber}`, reason: 'stands at no location of the list' });
      continue;
    }
    if (one['mainNumber'] === true && !withMain.has(at)) {
      withMain.add(at);
      const title = titles.get(at) ?? at;
      items.mainNumber.push({ kind: 'mainNumber', key: at, at, title, fields: { phoneNumber } });
    }
    items.number.push({
      kind: 'number',
      key: phoneNumber,
      at,
      owner,
      title: phoneNumber,
      fields: { state: one['state'] === 'INACTIVE' ? 'inactive' : 'active' },
      once: { tollFree: yesOrNo(one['tollFreeNumber']), service: yesOrNo(one['isServiceNumber']) },
    });
  }

  /** Puts a member on its list, or says why it is left out. */
  function addMember(member: Omit<Item, 'key' | 'sourceId'>, id: unknown, what: string): void {
    const key = text(id);
    if (key === undefined) faults.push({ what, reason: 'has no id' });
    else if (member.at === undefined)
      remark(`${member.kind === 'person' ? 'people' : 'workspaces'} without a location`);
    else if (!titles.has(member.at)) faults.push({ what, reason: 'stands at no location of the list' });
    else items[member.kind].push({ ...member, key, sourceId: key });
  }

  for (const one of people) {
    const emails: unknown[] = Array.isArray(one['emails']) ? one['emails'] : [];
    const email = text(emails[0]);
    const owned = ownedBy.get(text(one['id']) ?? '');
    const title = text(one['displayName']) ?? email ?? 'without a name';
    const what = `person ${title}`;
    if (one['type'] !== undefined && one['type'] !== 'person') {
      remark('bots and programs');
      continue;
    }
    const listed: unknown[] | undefined = Array.isArray(one['phoneNumbers']) ? one['phoneNumbers'] : undefined;
    const work = listed?.map(record).find(({ type }) => type === 'work');
    const phoneNumber = number(work?.['value'], what) ?? owned?.phoneNumber ?? (listed && !work ? null : undefined);
    const firstName = text(one['firstName']);
    if (email === undefined) {
      faults.push({ what, reason: 'has no e-mail address' });
      continue;
    }
    addMember(
      {
        kind: 'person',
        at: text(one['locationId']) ?? owned?.at,
        title: `${title} <${email}>`,
        fields: {
          email: email.toLowerCase(),
          firstName,
          // Who has a first name alone has no last name.
          lastName: text(one['lastName']) ?? (firstName === undefined ? undefined : null),
          displayName: text(one['displayName']),
          phoneNumber,
          extension: text(one['extension']) ?? owned?.extension,
        },
      },
      one['id'],
      what,
    );
  }

  for (const one of workspaces) {
    const name = text(one['displayName']);
    const calling = record(one['calling']);
    const webexCalling = record(calling['webexCalling']);
    const owned = ownedBy.get(text(one['id']) ?? '');
    const hasCalling = calling['type'] === 'webexCalling' || owned !== undefined;
    const what = `workspace ${name ?? ''}`.trim();
    addMember(
      {
        kind: 'workspace',
        at: text(one['locationId']) ?? text(webexCalling['locationId']) ?? owned?.at,
        title: name ?? 'without a name',
        fields: {
          displayName: name,
          supportedDevices: text(one['supportedDevices']),
          calling: hasCalling ? 'yes' : 'no',
          phoneNumber: (hasCalling && (number(webexCalling['phoneNumber'], what) ?? owned?.phoneNumber)) || null,
          extension: (hasCalling && (text(webexCalling['extension']) ?? owned?.extension)) || null,
        },
      },
      one['id'],
      what,
    );
  }

  for (const one of lines) {
    const reach = record(one['number']);
    const owned = ownedBy.get(text(one['id']) ?? '');
    const firstName = text(one['firstName']);
    const lastName = text(one['lastName']);
    const title = `${firstName ?? ''} ${lastName ?? ''}`.trim();
    const what = `virtual line ${title}`;
    addMember(
      {
        kind: 'virtualLine',
        at: text(record(one['location'])['id']),
        title,
        fields: {
          firstName,
          lastName,
          phoneNumber: number(reach['external'], what) ?? owned?.phoneNumber,
          extension: text(reach['extension']) ?? owned?.extension,
        },
      },
      one['id'],
      what,
    );
  }

  for (const one of groups) {
    const name = text(one['name']);
    const what = `hunt group ${name ?? ''}`.trim();
    addMember(
      {
        kind: 'huntGroup',
        at: text(one['locationId']),
        title: name ?? 'without a name',
        fields: {
          name,
          phoneNumber: number(one['phoneNumber'], what),
          extension: text(one['extension']),
          enabled: yesOrNo(one['enabled']),
        },
      },
      one['id'],
      what,
    );
  }

  if (source.callbacks) items.callback.push(...(await readCallbacks(source, items, withOrganization)));

  const given = new Set<Kind>(KINDS.filter((kind) => kind !== 'callback' || source.callbacks));
  return { items, given, faults, remarks: [...counts].map(([what, count]) => `${count} ${what} are left out`) };
}

const AT_ONCE = 6;
const CALLBACK_PATHS = { person: 'people', workspace: 'workspaces', virtualLine: 'virtualLines' } as const;

/** Which callback number everybody selected; those of whom the server does not say are left out. */
async function readCallbacks(
  { api, progress }: LiveSource,
  items: Readonly<Record<Kind, readonly Item[]>>,
  withOrganization: (path: string) => string,
): Promise<Item[]> {
  const read: Item[] = [];
  async function add(of: Item, path: string): Promise<void> {
    const answer = await settingOf(api, withOrganization(`v1/telephony/config/${path}`));
    const selected = text(answer?.['selected']);
    if (selected === undefined) return;
    const member =
      selected === 'LOCATION_MEMBER_NUMBER' ? record(answer?.['locationMemberInfo'])['memberId'] : undefined;
    read.push({
      kind: 'callback',
      key: of.key,
      at: of.kind === 'location' ? undefined : of.at,
      title: of.title,
      owner: `${of.kind}/${of.key}`,
      fields: {
        selected,
        member: text(member) ?? null,
        elinExpiryMinutes: text(answer?.['elinExpiryTimeMinutes']),
      },
    });
  }
  const waiting = [
    ...items.location
      .filter((location) => location.fields['calling'] !== 'no')
      .map((of) => ({ of, path: `locations/${encodeURIComponent(of.key)}/features/emergencyCallbackNumber` })),
    ...(['person', 'workspace', 'virtualLine'] as const).flatMap((kind) =>
      items[kind].map((of) => ({
        of,
        path: `${CALLBACK_PATHS[kind]}/${encodeURIComponent(of.key)}/emergencyCallbackNumber`,
      })),
    ),
  ];
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) await add(next.of, next.path);
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  progress(`${read.length} callback settings`);
  return read;
}

async function settingOf(api: ApiClient, path: string): Promise<Json | undefined> {
  try {
    return record(await api.request<unknown>('GET', path));
  } catch (error) {
    // Who has no calling has no callback number.
    if (error instanceof ApiError && [400, 404, 410].includes(error.status)) return undefined;
    throw error;
  }
}
