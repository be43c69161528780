/** How every operation of the contract's documents is asked: one row each. */
import type { ContractCall, OperationKey } from '../../support/contract-client.ts';
import { ADDRESS, BUILDING_ADDRESS, type World } from '../../support/contract-world.ts';

export type Step = { status: number; given: ContractCall };

export type Row = {
  /** Makes what the operation needs, and says the request that then succeeds. */
  succeed(world: World): Promise<Step>;
  /** What the same request answers afterwards; the same again unless said, and 410 for what was deleted. */
  again?: number;
  /** Refusals that the schemas alone do not tell, each asked after a success. */
  refuse?(world: World): Promise<Step[]>;
};

const step = (status: number, given: ContractCall = {}): Step => ({ status, given });

/** An operation that needs nothing but the organization. */
const plain = (status: number, given: ContractCall = {}): Row => ({
  succeed: () => Promise.resolve(step(status, given)),
});

/** An operation on the location that everything stands in. */
const atLocation = (status: number, given: ContractCall = {}): Row => ({
  succeed: async (world) => step(status, { params: { locationId: await world.location() }, ...given }),
});

/** As atLocation, for what an E911 account must stand behind. */
const atLocationWithAccount = (status: number, given: ContractCall = {}): Row => ({
  async succeed(world) {
    await world.account();
    return step(status, { params: { locationId: await world.location() }, ...given });
  },
});

const onPerson = (status: number, given: ContractCall = {}): Row => ({
  succeed: async (world) => step(status, { params: { personId: (await world.newPerson()).id }, ...given }),
});

const onWorkspace = (status: number, given: ContractCall = {}): Row => ({
  succeed: async (world) => step(status, { params: { workspaceId: (await world.newWorkspace()).id }, ...given }),
});

const onVirtualLine = (status: number, given: ContractCall = {}): Row => ({
  succeed: async (world) => step(status, { params: { virtualLineId: (await world.newVirtualLine()).id }, ...given }),
});

const onHuntGroup = (status: number, given: ContractCall = {}): Row => ({
  async succeed(world) {
    const { id, locationId } = await world.newHuntGroup();
    return step(status, { params: { huntGroupId: id, locationId }, ...given });
  },
});

type WithCallback = 'people' | 'workspaces' | 'virtualLines';

const MAKE: Readonly<Record<WithCallback, { param: string; make: (world: World) => Promise<{ id: string }> }>> = {
  people: { param: 'personId', make: (world) => world.newPerson() },
  workspaces: { param: 'workspaceId', make: (world) => world.newWorkspace() },
  virtualLines: { param: 'virtualLineId', make: (world) => world.newVirtualLine() },
};

/** PUT of a member's callback number: another member of the same location answers (contract section 6). */
function callbackOf(kind: WithCallback): Row {
  const { param, make } = MAKE[kind];
  return {
    async succeed(world) {
      const params = { [param]: (await make(world)).id };
      const { id: locationMemberId } = await world.newPerson();
      return step(204, { params, body: { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId } });
    },
    async refuse(world) {
      const params = { [param]: (await make(world)).id };
      const elsewhere = await world.newPerson(await world.newLocation());
      const selected = 'LOCATION_MEMBER_NUMBER';
      return [
        step(400, { params, body: { selected } }),
        step(400, { params, body: { selected, locationMemberId: elsewhere.id } }),
        step(400, { params, body: { selected, locationMemberId: 'nobody' } }),
        step(400, { params, body: { selected: 'NONE' } }),
      ];
    },
  };
}

const NOTE = {
  emergencyCallNotificationEnabled: true,
  allowEmailNotificationAllLocationEnabled: true,
  emailAddress: 'desk@waymark.example',
};

const NEXT_LINE = 'desk@waymark.example\r\nBcc: other@waymark.example';

export const OPERATION_ROWS: Readonly<Record<OperationKey, Row>> = {
  'GET /telephony/config/redSky': plain(200),
  'POST /telephony/config/redSky': {
    succeed: () => Promise.resolve(step(201, { body: { email: 'first@waymark.example', orgPrefix: 'wxc' } })),
    refuse: () =>
      Promise.resolve([
        step(409, { body: { email: 'second@waymark.example' } }),
        step(400, { body: { email: NEXT_LINE } }),
      ]),
  },
  'PUT /telephony/config/redSky/serviceSettings': {
    async succeed(world) {
      await world.account();
      return step(204, { body: { enabled: true } });
    },
    refuse: () =>
      Promise.resolve([
        step(400, { body: { enabled: true, externalTenantEnabled: true } }),
        step(400, { body: { enabled: true, externalTenantEnabled: true, email: 'a@waymark.example' } }),
      ]),
  },
  'POST /telephony/config/redSky/actions/login/invoke': {
    async succeed(world) {
      const { email, password } = await world.admin();
      return step(200, { body: { email, password } });
    },
  },
  'GET /telephony/config/redSky/status': plain(200),
  'PUT /telephony/config/redSky/status': {
    async succeed(world) {
      await world.account();
      await world.location();
      return step(200, { body: { complianceStatus: 'LOCATION_SETUP' } });
    },
    refuse: () =>
      Promise.resolve([
        step(409, { body: { complianceStatus: 'ROUTING_ENABLED' } }),
        step(400, { body: { complianceStatus: 'ROUTING_ENABLE' } }),
      ]),
  },
  'GET /telephony/config/redSky/complianceStatus': {
    async succeed(world) {
      await world.location();
      return step(200, { query: { start: '0', max: '10', order: 'locationState-desc' } });
    },
    refuse: () =>
      Promise.resolve([
        step(400, { query: { order: 'state' } }),
        step(400, { query: { start: '-1' } }),
        step(400, { query: { max: '1.5' } }),
      ]),
  },
  'GET /telephony/config/locations/{locationId}/redSky': atLocation(200),
  'GET /telephony/config/locations/{locationId}/redSky/status': atLocation(200),
  'PUT /telephony/config/locations/{locationId}/redSky/status': {
    ...atLocationWithAccount(200, { body: { complianceStatus: 'LOCATION_SETUP' } }),
    refuse: async (world) => [
      step(409, {
        params: { locationId: await world.location() },
        body: { complianceStatus: 'ROUTING_ENABLED' },
      }),
    ],
  },
  'POST /telephony/config/locations/{locationId}/redSky/building': {
    async succeed(world) {
      const locationId = await world.newLocation();
      const body = { alertingEmail: 'guard@waymark.example', address: BUILDING_ADDRESS };
      return step(201, { params: { locationId }, body });
    },
    async refuse(world) {
      const params = { locationId: await world.newLocation() };
      return [step(400, { params, body: { alertingEmail: NEXT_LINE, address: BUILDING_ADDRESS } })];
    },
  },
  'PUT /telephony/config/locations/{locationId}/redSky/building': {
    async succeed(world) {
      const params = { locationId: await world.newLocation() };
      await world.must('POST /telephony/config/locations/{locationId}/redSky/building', 201, {
        params,
        body: { alertingEmail: 'guard@waymark.example', address: BUILDING_ADDRESS },
      });
      return step(204, { params, body: { address: { ...BUILDING_ADDRESS, addressLine2: 'Building 7' } } });
    },
  },
  'GET /telephony/config/emergencyCallNotification': plain(200),
  'PUT /telephony/config/emergencyCallNotification': {
    ...plain(204, { body: NOTE }),
    refuse: () => Promise.resolve([step(400, { body: { ...NOTE, emailAddress: NEXT_LINE } })]),
  },
  'GET /telephony/config/locations/{locationId}/emergencyCallNotification': atLocation(200),
  'PUT /telephony/config/locations/{locationId}/emergencyCallNotification': {
    ...atLocation(204, {
      body: { emergencyCallNotificationEnabled: true, emailAddress: 'site@waymark.example' },
    }),
    refuse: async (world) => [
      step(400, {
        params: { locationId: await world.location() },
        body: { emergencyCallNotificationEnabled: true, emailAddress: NEXT_LINE },
      }),
    ],
  },
  'GET /telephony/config/people/{personId}/emergencyCallbackNumber': onPerson(200),
  'PUT /telephony/config/people/{personId}/emergencyCallbackNumber': callbackOf('people'),
  'GET /telephony/config/people/{personId}/emergencyCallbackNumber/dependencies': onPerson(200),
  'GET /telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber': onWorkspace(200),
  'PUT /telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber': callbackOf('workspaces'),
  'GET /telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber/dependencies': onWorkspace(200),
  'GET /telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber': onVirtualLine(200),
  'PUT /telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber': callbackOf('virtualLines'),
  'GET /telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber/dependencies': onVirtualLine(200),
  'GET /telephony/config/huntGroups/{huntGroupId}/emergencyCallbackNumber/dependencies': {
    succeed: async (world) => step(200, { params: { huntGroupId: (await world.newHuntGroup()).id } }),
  },

  'POST /telephony/pstn/locations/{locationId}/emergencyAddress': {
    succeed: async (world) => step(201, { params: { locationId: await world.newLocation() }, body: ADDRESS }),
  },
  'POST /telephony/pstn/locations/{locationId}/emergencyAddress/lookup': atLocation(200, { body: ADDRESS }),
  'PUT /telephony/pstn/locations/{locationId}/emergencyAddresses/{addressId}': {
    succeed: async (world) =>
      step(204, { params: await world.newEmergencyAddress(), body: { ...ADDRESS, address2: 'Building 7' } }),
  },
  'PUT /telephony/pstn/numbers/{phoneNumber}/emergencyAddress': {
    succeed: async (world) =>
      step(204, { params: { phoneNumber: await world.newFreeNumber() }, body: { emergencyAddress: ADDRESS } }),
  },
  'GET /telephony/config/locations/{locationId}/features/emergencyCallbackNumber': atLocation(200),
  'PUT /telephony/config/locations/{locationId}/features/emergencyCallbackNumber': {
    async succeed(world) {
      const locationId = await world.newLocation();
      const { id: locationMemberId } = await world.newPerson(locationId);
      return step(204, {
        params: { locationId },
        body: { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId, elinExpiryTimeMinutes: 90 },
      });
    },
    async refuse(world) {
      const params = { locationId: await world.newLocation() };
      const elsewhere = await world.newPerson();
      return [
        step(400, { params, body: { selected: 'LOCATION_MEMBER_NUMBER' } }),
        step(400, { params, body: { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId: elsewhere.id } }),
      ];
    },
  },
  'GET /people/me': {
    async succeed(world) {
      const { id: personId } = await world.newPerson();
      const token = await world.tokenOf({ role: 'fullAdmin', personId });
      return step(200, { token, query: { callingData: 'true' } });
    },
  },
  'GET /people': {
    async succeed(world) {
      await world.newPerson();
      return step(200, { query: { callingData: 'true', locationId: await world.location(), max: '50' } });
    },
    refuse: () => Promise.resolve([step(400, { query: { locationId: 'nowhere' } })]),
  },
  'POST /people': {
    async succeed(world) {
      const locationId = await world.location();
      const value = await world.newFreeNumber();
      return step(200, {
        query: { callingData: 'true' },
        body: {
          emails: [`${world.newName('p').replace(' ', '.')}.${world.organizationId}@waymark.example`],
          displayName: 'Ada Example',
          firstName: 'Ada',
          lastName: 'Example',
          locationId,
          extension: world.newExtension(),
          phoneNumbers: [{ type: 'work', value }],
        },
      });
    },
    refuse: () => Promise.resolve([step(400, { body: { emails: [NEXT_LINE], displayName: 'A' } })]),
  },
  'GET /people/{personId}': onPerson(200, { query: { callingData: 'true' } }),
  'PUT /people/{personId}': onPerson(200, { body: { displayName: 'Ada Other', lastName: 'Other' } }),
  'DELETE /people/{personId}': onPerson(204),
  'GET /locations': {
    async succeed(world) {
      await world.location();
      return step(200, { query: { name: 'site', max: '10' } });
    },
    refuse: () => Promise.resolve([step(400, { query: { id: 'nowhere' } })]),
  },
  'POST /locations': {
    succeed: (world) =>
      Promise.resolve(
        step(201, {
          body: {
            name: world.newName('Created'),
            timeZone: 'America/Los_Angeles',
            preferredLanguage: 'en_us',
            announcementLanguage: 'en_us',
            address: ADDRESS,
            latitude: '37.4085',
            longitude: '-121.9527',
            notes: 'By the gate',
          },
        }),
      ),
    refuse: (world) =>
      Promise.resolve(
        [{ timeZone: 'Mars/Olympus' }, { address: { ...ADDRESS, country: 'XX' } }, { latitude: 'north' }].map((wrong) =>
          step(400, {
            body: {
              name: world.newName('Refused'),
              timeZone: 'America/Los_Angeles',
              preferredLanguage: 'en_us',
              announcementLanguage: 'en_us',
              address: ADDRESS,
              longitude: '-121.9527',
              latitude: '37.4085',
              ...wrong,
            },
          }),
        ),
      ),
  },
  'GET /locations/{locationId}': atLocation(200),
  'PUT /locations/{locationId}': {
    succeed: async (world) =>
      step(204, {
        params: { locationId: await world.newLocation() },
        body: { name: world.newName('Renamed'), preferredLanguage: 'es_us' },
      }),
    refuse: async (world) => [
      step(400, { params: { locationId: await world.newLocation() }, body: { timeZone: 'Mars/Olympus' } }),
    ],
  },
  'DELETE /locations/{locationId}': {
    succeed: async (world) => step(204, { params: { locationId: await world.newBareLocation() } }),
    async refuse(world) {
      const locationId = await world.newLocation();
      await world.newPerson(locationId);
      return [step(409, { params: { locationId } })];
    },
  },
  'GET /telephony/config/locations': {
    async succeed(world) {
      await world.location();
      return step(200, { query: { name: 'site', order: 'desc', start: '0', max: '10' } });
    },
  },
  'POST /telephony/config/locations': {
    async succeed(world) {
      const id = await world.newBareLocation();
      const { body } = await world.must('GET /locations/{locationId}', 200, { params: { locationId: id } });
      const { name, timeZone, preferredLanguage, address } = body;
      return step(201, {
        body: { id, name, timeZone, preferredLanguage, announcementLanguage: 'en_us', address },
      });
    },
  },
  'GET /telephony/config/locations/{locationId}': atLocation(200),
  'PUT /telephony/config/locations/{locationId}': {
    async succeed(world) {
      const locationId = await world.newLocation();
      const phoneNumber = await world.newFreeNumber(locationId);
      return step(204, {
        params: { locationId },
        body: { announcementLanguage: 'es_us', callingLineId: { name: 'Example', phoneNumber } },
      });
    },
  },
  'DELETE /telephony/config/locations/{locationId}': {
    succeed: async (world) => step(204, { params: { locationId: await world.newLocation() } }),
    async refuse(world) {
      const locationId = await world.newLocation();
      await world.newPerson(locationId);
      return [
        step(409, { params: { locationId } }),
        step(404, { params: { locationId: await world.newBareLocation() } }),
      ];
    },
  },
  'GET /telephony/config/numbers': {
    async succeed(world) {
      await world.newPerson();
      const query = { locationId: await world.location(), available: 'false', ownerType: 'PEOPLE', state: 'ACTIVE' };
      return step(200, { query: { ...query, max: '20' } });
    },
    refuse: () =>
      Promise.resolve([step(400, { query: { phoneNumber: '12ab' } }), step(400, { query: { locationId: 'nowhere' } })]),
  },
  'POST /telephony/config/locations/{locationId}/numbers': {
    async succeed(world) {
      const body = { phoneNumbers: [world.newNumber(), world.newNumber()], state: 'INACTIVE', numberType: 'DID' };
      return step(201, { params: { locationId: await world.location() }, body });
    },
    refuse: async (world) => [
      step(400, { params: { locationId: await world.location() }, body: { phoneNumbers: ['408-556'] } }),
    ],
  },
  'PUT /telephony/config/locations/{locationId}/numbers': {
    async succeed(world) {
      const phoneNumbers = [await world.newFreeNumber()];
      const body = { phoneNumbers, action: 'DEACTIVATE' };
      return step(204, { params: { locationId: await world.location() }, body });
    },
  },
  'DELETE /telephony/config/locations/{locationId}/numbers': {
    async succeed(world) {
      const phoneNumbers = [await world.newFreeNumber()];
      return step(204, { params: { locationId: await world.location() }, body: { phoneNumbers } });
    },
    // A number that is not the location's is most likely mistyped.
    again: 400,
    async refuse(world) {
      const { phoneNumber } = await world.newPerson();
      return [step(409, { params: { locationId: await world.location() }, body: { phoneNumbers: [phoneNumber] } })];
    },
  },
  'GET /workspaces': {
    async succeed(world) {
      await world.newWorkspace();
      return step(200, { query: { locationId: await world.location(), calling: 'webexCalling', max: '10' } });
    },
    refuse: () => Promise.resolve([step(400, { query: { locationId: 'nowhere' } })]),
  },
  'POST /workspaces': {
    async succeed(world) {
      const locationId = await world.location();
      const webexCalling = { phoneNumber: await world.newFreeNumber(), extension: world.newExtension(), locationId };
      return step(201, {
        body: {
          displayName: world.newName('Lobby'),
          locationId,
          supportedDevices: 'phones',
          calling: { type: 'webexCalling', webexCalling },
        },
      });
    },
  },
  'GET /workspaces/{workspaceId}': onWorkspace(200),
  'PUT /workspaces/{workspaceId}': onWorkspace(200, { body: { displayName: 'Other lobby' } }),
  'DELETE /workspaces/{workspaceId}': onWorkspace(204),
  'GET /telephony/config/virtualLines': {
    async succeed(world) {
      await world.newVirtualLine();
      return step(200, { query: { locationId: await world.location(), max: '10' } });
    },
    refuse: () => Promise.resolve([step(400, { query: { locationId: 'nowhere' } })]),
  },
  'POST /telephony/config/virtualLines': {
    async succeed(world) {
      const locationId = await world.location();
      const phoneNumber = await world.newFreeNumber();
      return step(201, {
        body: { firstName: 'Front', lastName: 'Desk', locationId, phoneNumber, extension: world.newExtension() },
      });
    },
    refuse: async (world) => [
      // Neither a number nor an extension.
      step(400, { body: { firstName: 'Front', lastName: 'Desk', locationId: await world.location() } }),
      step(400, { body: { firstName: 'Front', lastName: 'Desk', locationId: 'nowhere', extension: '7001' } }),
    ],
  },
  'GET /telephony/config/virtualLines/{virtualLineId}': onVirtualLine(200),
  'PUT /telephony/config/virtualLines/{virtualLineId}': onVirtualLine(204, { body: { lastName: 'Other' } }),
  'DELETE /telephony/config/virtualLines/{virtualLineId}': onVirtualLine(204),
  'GET /telephony/config/huntGroups': {
    async succeed(world) {
      await world.newHuntGroup();
      return step(200, { query: { locationId: await world.location(), name: 'group', max: '10' } });
    },
    refuse: () => Promise.resolve([step(400, { query: { locationId: 'nowhere' } })]),
  },
  'POST /telephony/config/locations/{locationId}/huntGroups': {
    async succeed(world) {
      const phoneNumber = await world.newFreeNumber();
      const agent = await world.newPerson();
      return step(201, {
        params: { locationId: await world.location() },
        body: {
          name: world.newName('Desk'),
          phoneNumber,
          callPolicies: { policy: 'SIMULTANEOUS' },
          agents: [{ id: agent.id }],
        },
      });
    },
    refuse: async (world) => [
      // Neither a number nor an extension.
      step(400, { params: { locationId: await world.location() }, body: { name: world.newName('Desk') } }),
    ],
  },
  'GET /telephony/config/locations/{locationId}/huntGroups/{huntGroupId}': onHuntGroup(200),
  'PUT /telephony/config/locations/{locationId}/huntGroups/{huntGroupId}': onHuntGroup(204, {
    body: { enabled: false },
  }),
  'DELETE /telephony/config/locations/{locationId}/huntGroups/{huntGroupId}': onHuntGroup(204),
};
