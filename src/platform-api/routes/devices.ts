import { Type } from 'typebox';
import type { UncheckedAddress } from '../../addresses/addresses.ts';
import type { Location, NetworkInput } from '../../location/location.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';

const FIELD = Type.Optional(Type.Union([Type.String({ maxLength: 1_024 }), Type.Null()]));
const MAC = Type.String({ maxLength: 64 });
const NETWORK_FIELDS = {
  publicAddress: Type.Optional(
    Type.Union([Type.String({ maxLength: 64 }), Type.Null()], {
      description: 'The public address it is seen from; left out: the one that the request comes from',
    }),
  ),
  gatewayMac: Type.Optional(Type.Union([MAC, Type.Null()])),
  bssids: Type.Optional(Type.Array(MAC, { maxItems: 64 })),
  chassis: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 8 })),
};

type NetworkQuery = { publicAddress?: string; gatewayMac?: string; bssid?: string; chassis?: string };

function networkOf({ publicAddress, gatewayMac, bssid, chassis }: NetworkQuery): NetworkInput {
  return {
    ...(publicAddress !== undefined && { publicAddress }),
    ...(gatewayMac !== undefined && { gatewayMac }),
    ...(bssid !== undefined && { bssids: bssid.split(',') }),
    ...(chassis !== undefined && { chassis: chassis.split(',') }),
  };
}

/** Devices with a place of their own: overrides by administrators, addresses that devices register for themselves. */
export function deviceRoutes({ location }: { location: Location }): RestRoute[] {
  const tags = ['Devices'];
  return [
    defineRoute<undefined, { start?: number; max?: number; text?: string }>({
      operationId: 'devices.list',
      method: 'GET',
      path: '/api/devices',
      summary: 'List devices that have an override or an address; ids only',
      tags,
      query: Type.Object({ ...PAGE_QUERY, text: Type.Optional(Type.String({ maxLength: 128 })) }),
      responses: { 200: listOf(ANY) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await location.listDevices(scope, { ...query, ...page });
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute({
      operationId: 'devices.get',
      method: 'GET',
      path: '/api/devices/{deviceId}',
      summary: 'What is known of a device: its override, and the address it has in every network it knows',
      description: 'A device is named by its MAC address, its sip: or tel: URI, or any name of at most 128 characters.',
      tags,
      responses: { 200: ANY },
      async handle({ scope, params }) {
        return { status: 200, body: await location.getDevice(scope, params['deviceId'] ?? '') };
      },
    }),
    defineRoute({
      operationId: 'devices.purge',
      method: 'DELETE',
      path: '/api/devices/{deviceId}',
      summary: 'Forget everything about a device',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await location.purgeDevice(scope, params['deviceId'] ?? '');
        return { status: 204 };
      },
    }),
    defineRoute<{ address: UncheckedAddress; network?: NetworkInput }>({
      operationId: 'devices.registerAddress',
      method: 'PUT',
      path: '/api/devices/{deviceId}/address',
      summary: 'Register the address of a device in the network it is in now',
      description:
        'The address is checked and kept with how right it is. It counts whenever the device is seen in this network again: by ' +
        'an access point, switch or gateway that both name, else by the public address.',
      tags,
      body: Type.Object({
        address: Type.Object({
          address1: FIELD,
          address2: FIELD,
          city: FIELD,
          state: FIELD,
          postalCode: FIELD,
          country: FIELD,
        }),
        network: Type.Optional(Type.Object(NETWORK_FIELDS)),
      }),
      responses: { 200: ANY },
      async handle({ scope, params, body, remoteAddress }) {
        const registered = await location.registerDeviceAddress(scope, params['deviceId'] ?? '', body, remoteAddress);
        return { status: 200, body: registered };
      },
    }),
    defineRoute<undefined, NetworkQuery>({
      operationId: 'devices.findAddress',
      method: 'GET',
      path: '/api/devices/{deviceId}/address',
      summary: 'The address of a device in a network; needsAddress where the device must be asked for one',
      tags,
      query: Type.Object({
        publicAddress: Type.Optional(
          Type.String({ maxLength: 64, description: 'Left out: the address that the request comes from' }),
        ),
        gatewayMac: Type.Optional(MAC),
        bssid: Type.Optional(Type.String({ maxLength: 2_048, description: 'Access points, separated by commas' })),
        chassis: Type.Optional(Type.String({ maxLength: 2_048, description: 'Switches, separated by commas' })),
      }),
      responses: { 200: ANY },
      async handle({ scope, params, query, remoteAddress }) {
        const id = params['deviceId'] ?? '';
        return {
          status: 200,
          body: await location.findDeviceAddress(scope, id, networkOf(query), remoteAddress),
        };
      },
    }),
    defineRoute<undefined, { addressId?: string }>({
      operationId: 'devices.removeAddress',
      method: 'DELETE',
      path: '/api/devices/{deviceId}/address',
      summary: 'Forget the addresses of a device, or one of them',
      tags,
      query: Type.Object({ addressId: Type.Optional(Type.String({ maxLength: 64 })) }),
      responses: { 204: null },
      async handle({ scope, params, query }) {
        await location.removeDeviceAddress(scope, params['deviceId'] ?? '', query.addressId);
        return { status: 204 };
      },
    }),
    defineRoute<{ responseLocationId: string; expiresAt?: string | null }>({
      operationId: 'devices.setOverride',
      method: 'PUT',
      path: '/api/devices/{deviceId}/override',
      summary: 'Say exactly where a device is; this wins over everything else that is known',
      tags,
      body: Type.Object({
        responseLocationId: Type.String({ maxLength: 64 }),
        expiresAt: Type.Optional(
          Type.Union([Type.String({ maxLength: 64 }), Type.Null()], { description: 'ISO 8601; left out: no end' }),
        ),
      }),
      responses: { 200: ANY },
      async handle({ scope, params, body }) {
        return { status: 200, body: await location.setDeviceOverride(scope, params['deviceId'] ?? '', body) };
      },
    }),
    defineRoute({
      operationId: 'devices.removeOverride',
      method: 'DELETE',
      path: '/api/devices/{deviceId}/override',
      summary: 'Take the exact place of a device away',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await location.removeDeviceOverride(scope, params['deviceId'] ?? '');
        return { status: 204 };
      },
    }),
  ];
}
