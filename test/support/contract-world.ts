/** An organization with everything that operations of the contract's documents name, made through those operations. */
import assert from 'node:assert/strict';
import { decodeResourceId } from '../../src/wire/webex/resource-id.ts';
import type { ContractAnswer, ContractCall, ContractClient, OperationKey } from './contract-client.ts';
import { eventually } from './platform-client.ts';
import type { TimedPlatform } from './timed-platform.ts';

export const ADDRESS = {
  address1: '170 West Tasman Dr',
  city: 'San Jose',
  state: 'CA',
  postalCode: '95134',
  country: 'US',
};

/** As ADDRESS, in the words of a building (contract section 4). */
export const BUILDING_ADDRESS = {
  addressLine1: '170 West Tasman Dr',
  addressLine2: 'Building 6',
  city: 'San Jose',
  stateOrProvince: 'CA',
  zipOrPostalCode: '95134',
  country: 'US',
};

const PASSWORD = 'correct horse battery staple';
const MAIL_TIMEOUT_MS = 20_000;

/** What a member of the organization is, and where it is reached. */
export type MadeMember = { id: string; phoneNumber: string; extension: string };

export type World = {
  organizationId: string;
  /** Of a full administrator. */
  token: string;
  /** Asks as the full administrator, and insists on the status. */
  must: (key: OperationKey, status: number, given?: ContractCall) => Promise<ContractAnswer>;
  /** A token of the organization with another role, or of a person. */
  tokenOf: (wanted: { role: string; personId?: string; locationIds?: string[] }) => Promise<string>;
  /** A name that nothing in the organization has yet. */
  newName: (what: string) => string;
  newExtension: () => string;
  newNumber: () => string;
  /** A location without calling. */
  newBareLocation: () => Promise<string>;
  newLocation: () => Promise<string>;
  /** The location that resources stand in when nothing else is said. */
  location: () => Promise<string>;
  /** A number of that location that nobody holds. */
  newFreeNumber: (locationId?: string) => Promise<string>;
  newPerson: (locationId?: string) => Promise<MadeMember>;
  newWorkspace: (locationId?: string) => Promise<MadeMember>;
  newVirtualLine: (locationId?: string) => Promise<MadeMember>;
  newHuntGroup: (locationId?: string) => Promise<MadeMember & { locationId: string }>;
  newEmergencyAddress: () => Promise<{ locationId: string; addressId: string }>;
  /** The E911 account. */
  account: () => Promise<{ email: string; companyId: string }>;
  /** The E911 account's administrator, who has accepted the invitation. */
  admin: () => Promise<{ email: string; password: string; companyId: string }>;
  /** A new secret of the account, shown this once. */
  newSecret: () => Promise<string>;
};

export type Worlds = {
  client: ContractClient;
  newWorld(name: string): Promise<World>;
};

function idOf(answer: ContractAnswer): string {
  const id = answer.body['id'];
  assert.ok(typeof id === 'string' && id !== '', answer.text);
  return id;
}

/** Organizations of one platform. */
export function createWorlds(platform: TimedPlatform, client: ContractClient): Worlds {
  // Numbers are unique over all organizations.
  let lastNumber = 0;

  /** What the contract has no operation for. */
  async function asOperator(method: string, path: string, body?: unknown): Promise<string> {
    // Whatever the limits of the platform under test are.
    platform.letPass(60_000);
    const response = await fetch(`${platform.http}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${platform.firstRun.tokens.operator}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text;
  }

  async function acceptInvitation(email: string): Promise<void> {
    const path = await eventually(`the invitation of ${email}`, MAIL_TIMEOUT_MS, async () => {
      const { items } = JSON.parse(await asOperator('GET', '/api/mail')) as { items: { to: string; file: string }[] };
      const mail = items.find(({ to }) => to.includes(email));
      if (!mail) return undefined;
      // Quoted-printable (RFC 2045 §6.7) may break the line.
      const text = (await asOperator('GET', `/api/mail/${mail.file}`)).replaceAll(/=\r?\n/g, '');
      return /\/invitations\/[\w-]+/.exec(text)?.[0];
    });
    const response = await fetch(`${platform.http}${path}`, {
      method: 'POST',
      body: new URLSearchParams({ password: PASSWORD }),
    });
    assert.equal(response.status, 200, await response.text());
  }

  async function newWorld(name: string): Promise<World> {
    const { id: organizationId } = JSON.parse(await asOperator('POST', '/api/organizations', { name })) as {
      id: string;
    };
    const tokenOf = async (wanted: { role: string }): Promise<string> => {
      const made = await asOperator('POST', `/api/tokens?orgId=${organizationId}`, {
        label: 'contract test',
        ...wanted,
      });
      return (JSON.parse(made) as { token: string }).token;
    };
    const token = await tokenOf({ role: 'fullAdmin' });
    let count = 0;
    let shared: Promise<string> | undefined;
    let account: Promise<{ email: string; companyId: string }> | undefined;
    let admin: Promise<{ email: string; password: string; companyId: string }> | undefined;

    async function must(key: OperationKey, status: number, given: ContractCall = {}): Promise<ContractAnswer> {
      const answer = await client.call(key, { token, ...given });
      assert.equal(answer.status, status, `${key}: ${answer.text}`);
      return answer;
    }
    const newName = (what: string): string => `${what} ${(count += 1)}`;
    const newExtension = (): string => String(4_000 + (count += 1));
    const newNumber = (): string => `+1408556${String((lastNumber += 1)).padStart(4, '0')}`;

    async function newBareLocation(): Promise<string> {
      return idOf(
        await must('POST /locations', 201, {
          body: {
            name: newName('Site'),
            timeZone: 'America/Los_Angeles',
            preferredLanguage: 'en_us',
            announcementLanguage: 'en_us',
            address: ADDRESS,
          },
        }),
      );
    }
    async function newLocation(): Promise<string> {
      const id = await newBareLocation();
      const { body } = await must('GET /locations/{locationId}', 200, { params: { locationId: id } });
      const { name, timeZone, preferredLanguage, address } = body;
      await must('POST /telephony/config/locations', 201, {
        body: { id, name, timeZone, preferredLanguage, announcementLanguage: 'en_us', address },
      });
      return id;
    }
    const location = (): Promise<string> => (shared ??= newLocation());

    async function newFreeNumber(locationId?: string): Promise<string> {
      const number = newNumber();
      await must('POST /telephony/config/locations/{locationId}/numbers', 201, {
        params: { locationId: locationId ?? (await location()) },
        body: { phoneNumbers: [number], state: 'ACTIVE' },
      });
      return number;
    }

    /** Where a new member is reached. */
    async function newReach(locationId?: string) {
      const at = locationId ?? (await location());
      return { locationId: at, phoneNumber: await newFreeNumber(at), extension: newExtension() };
    }

    async function makeAccount() {
      const email = `admin.${organizationId}@waymark.example`;
      await must('POST /telephony/config/redSky', 201, { body: { email } });
      const { body } = await must('GET /telephony/config/redSky', 200);
      return { email, companyId: String(body['companyId']) };
    }
    const accountOnce = (): Promise<{ email: string; companyId: string }> => (account ??= makeAccount());

    async function makeAdmin() {
      const made = await accountOnce();
      await acceptInvitation(made.email);
      return { ...made, password: PASSWORD };
    }

    return {
      organizationId,
      token,
      must,
      tokenOf: (wanted) =>
        tokenOf({
          ...wanted,
          ...(wanted.personId !== undefined && { personId: decodeResourceId('PEOPLE', wanted.personId) }),
          ...(wanted.locationIds && {
            locationIds: wanted.locationIds.map((id) => decodeResourceId('LOCATION', id)),
          }),
        }),
      newName,
      newExtension,
      newNumber,
      newBareLocation,
      newLocation,
      location,
      newFreeNumber,
      async newPerson(at) {
        const { locationId, phoneNumber, extension } = await newReach(at);
        const answer = await must('POST /people', 200, {
          query: { callingData: 'true' },
          body: {
            emails: [`person.${extension}.${organizationId}@waymark.example`],
            displayName: newName('Person'),
            firstName: 'Ada',
            lastName: newName('Person'),
            locationId,
            extension,
            phoneNumbers: [{ type: 'work', value: phoneNumber }],
          },
        });
        return { id: idOf(answer), phoneNumber, extension };
      },
      async newWorkspace(at) {
        const { locationId, phoneNumber, extension } = await newReach(at);
        const answer = await must('POST /workspaces', 201, {
          body: {
            displayName: newName('Room'),
            locationId,
            supportedDevices: 'phones',
            calling: { type: 'webexCalling', webexCalling: { phoneNumber, extension, locationId } },
          },
        });
        return { id: idOf(answer), phoneNumber, extension };
      },
      async newVirtualLine(at) {
        const { locationId, phoneNumber, extension } = await newReach(at);
        const answer = await must('POST /telephony/config/virtualLines', 201, {
          body: { firstName: 'Front', lastName: newName('Line'), locationId, phoneNumber, extension },
        });
        return { id: idOf(answer), phoneNumber, extension };
      },
      async newHuntGroup(at) {
        const { locationId, phoneNumber, extension } = await newReach(at);
        const answer = await must('POST /telephony/config/locations/{locationId}/huntGroups', 201, {
          params: { locationId },
          body: { name: newName('Group'), phoneNumber, extension, callPolicies: { policy: 'CIRCULAR' }, agents: [] },
        });
        return { id: idOf(answer), locationId, phoneNumber, extension };
      },
      async newEmergencyAddress() {
        const locationId = await newLocation();
        const answer = await must('POST /telephony/pstn/locations/{locationId}/emergencyAddress', 201, {
          params: { locationId },
          body: ADDRESS,
        });
        return { locationId, addressId: idOf(answer) };
      },
      account: accountOnce,
      admin: () => (admin ??= makeAdmin()),
      async newSecret() {
        const made = await asOperator('POST', `/api/e911-account/secret?orgId=${organizationId}`);
        return (JSON.parse(made) as { secret: string }).secret;
      },
    };
  }

  return { client, newWorld };
}
