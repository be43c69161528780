import type { CivicAddress } from '../domain/civic-address.ts';
import type { Position } from '../domain/shape.ts';
import type { Stage } from '../domain/stage.ts';

export type PlannedErl = { name: string; detail: CivicAddress; position?: Position };

export type PlannedLocation = {
  name: string;
  timeZone: string;
  preferredLanguage: string;
  address: { address1: string; city: string; state: string; postalCode: string; country: string };
  position: Position;
  /** Stages that this location completes beyond those of the organization. */
  stages: readonly Stage[];
  alertingEmail: string;
  erls: readonly PlannedErl[];
  mainNumber: string;
  members: readonly {
    kind: 'PEOPLE' | 'PLACE';
    firstName: string;
    lastName?: string;
    phoneNumber?: string;
    extension: string;
  }[];
};

/** Stages that the organization completes, and every location with it that is not exempt. */
export const ORGANIZATION_STAGES: readonly Stage[] = ['LOCATION_SETUP', 'ALERTS'];

const ALL: readonly Stage[] = ['NETWORK_ELEMENTS', 'ROUTING_ENABLED'];

/** The demonstration organization's locations. */
export const LOCATIONS: readonly PlannedLocation[] = [
  {
    name: 'Austin Headquarters',
    timeZone: 'America/Chicago',
    preferredLanguage: 'en_us',
    address: { address1: '301 W 2nd St', city: 'Austin', state: 'TX', postalCode: '78701', country: 'US' },
    position: { latitude: 30.2649, longitude: -97.7474 },
    stages: ALL,
    alertingEmail: 'security.austin@example.com',
    erls: [
      { name: 'Austin floor 1 lobby', detail: { FLR: '1', LOC: 'Lobby' } },
      {
        name: 'Austin floor 3 room 312',
        detail: { FLR: '3', ROOM: '312' },
        position: { latitude: 30.26495, longitude: -97.74745 },
      },
      { name: 'Austin floor 3 east wing', detail: { FLR: '3', LOC: 'East wing' } },
    ],
    mainNumber: '+15125550100',
    members: [
      { kind: 'PEOPLE', firstName: 'Front', lastName: 'Desk', phoneNumber: '+15125550101', extension: '1101' },
      { kind: 'PLACE', firstName: 'Conference Room 312', extension: '1312' },
    ],
  },
  {
    name: 'Houston Plant',
    timeZone: 'America/Chicago',
    preferredLanguage: 'en_us',
    address: { address1: '901 Bagby St', city: 'Houston', state: 'TX', postalCode: '77002', country: 'US' },
    position: { latitude: 29.7605, longitude: -95.3695 },
    stages: ['NETWORK_ELEMENTS'],
    alertingEmail: 'security.houston@example.com',
    erls: [{ name: 'Houston floor 2 control room', detail: { FLR: '2', ROOM: 'Control room' } }],
    mainNumber: '+17135550100',
    members: [
      { kind: 'PEOPLE', firstName: 'Control', lastName: 'Room', phoneNumber: '+17135550101', extension: '2101' },
    ],
  },
  {
    name: 'San Juan Office',
    timeZone: 'America/Puerto_Rico',
    preferredLanguage: 'es_us',
    address: { address1: '153 Calle San Francisco', city: 'San Juan', state: 'PR', postalCode: '00901', country: 'US' },
    position: { latitude: 18.4655, longitude: -66.1165 },
    stages: ALL,
    alertingEmail: 'security.sanjuan@example.com',
    erls: [{ name: 'San Juan floor 2', detail: { FLR: '2' } }],
    mainNumber: '+17875550100',
    members: [
      { kind: 'PEOPLE', firstName: 'Reception', lastName: 'San Juan', phoneNumber: '+17875550101', extension: '3101' },
    ],
  },
  {
    name: 'Toronto Office',
    timeZone: 'America/Toronto',
    preferredLanguage: 'en_ca',
    address: { address1: '100 Queen St W', city: 'Toronto', state: 'ON', postalCode: 'M5H 2N2', country: 'CA' },
    position: { latitude: 43.6534, longitude: -79.3841 },
    stages: [],
    alertingEmail: 'security.toronto@example.com',
    erls: [{ name: 'Toronto floor 5', detail: { FLR: '5' } }],
    mainNumber: '+14165550100',
    members: [
      { kind: 'PEOPLE', firstName: 'Reception', lastName: 'Toronto', phoneNumber: '+14165550101', extension: '4101' },
    ],
  },
  {
    name: 'London Office',
    timeZone: 'Europe/London',
    preferredLanguage: 'en_gb',
    address: {
      address1: '1 Parliament Square',
      city: 'London',
      state: 'England',
      postalCode: 'SW1P 3BD',
      country: 'GB',
    },
    position: { latitude: 51.5005, longitude: -0.1284 },
    stages: [],
    alertingEmail: 'security.london@example.com',
    erls: [],
    mainNumber: '+442079460100',
    members: [],
  },
];

/** The organization's public addresses; loopback is among them so that requests from this machine count as its own. */
export const PUBLIC_RANGES: readonly string[] = ['203.0.113.0/24', '127.0.0.0/8', '::1/128'];

/** Shown in first-run.json, and in the wire map below. */
export const EXAMPLES = {
  mac: '02:00:5e:00:53:01',
  bssid: '02:00:5e:00:53:a0',
  switchChassis: '02:00:5e:00:53:c0',
  switchPort: 'GigabitEthernet1/0/12',
  privateIp: '10.20.3.57',
  publicIp: '203.0.113.10',
  callerNumber: '+15125550101',
} as const;

/** The wire map as a network engineer would import it; the `erl` column names a response location. */
export const WIRE_MAP_CSV = `kind,value,port,erl,description
switch-port,${EXAMPLES.switchChassis},${EXAMPLES.switchPort},Austin floor 3 room 312,wall socket in room 312
switch-chassis,${EXAMPLES.switchChassis},,Austin floor 3 east wing,closet 3E
bssid,${EXAMPLES.bssid},,Austin floor 1 lobby,access point in the lobby
mac,${EXAMPLES.mac},,Austin floor 1 lobby,lobby phone
ip-range,10.20.3.0/24,,Austin floor 3 east wing,third floor
ip-range,10.20.1.0/24,,Austin floor 1 lobby,first floor
ip-range,10.30.0.0/16,,Houston floor 2 control room,plant network
ip-range,10.40.0.0/16,,San Juan floor 2,office network
ip-range,10.50.0.0/16,,Toronto floor 5,office network
ip-range,2001:db8:20:3::/64,,Austin floor 3 east wing,third floor
`;
