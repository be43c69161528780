import { Type } from 'typebox';
import type { Addresses, AddressValidation, UncheckedAddress } from '../../addresses/addresses.ts';
import type { Members } from '../../members/members.ts';
import type { Places } from '../../places/places.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { ANY } from '../schemas.ts';
import { ADDRESS_VALIDATION, LOCATION_ADDRESSES } from './place-schemas.ts';

const FIELD = Type.Optional(Type.Union([Type.String({ maxLength: 1_024 }), Type.Null()]));

type ValidateBody = UncheckedAddress & { text?: string | null };

/** Addresses: checked without storing them, and those that count for a location or a number. */
export function addressRoutes(deps: {
  addresses: Pick<Addresses, 'validateAddress' | 'postalFromText'>;
  places: Pick<Places, 'readLocationAddresses'>;
  members: Pick<Members, 'readNumberAddresses'>;
}): RestRoute[] {
  const { addresses, places, members } = deps;
  const tags = ['Addresses'];
  return [
    defineRoute<ValidateBody>({
      operationId: 'addresses.validate',
      method: 'POST',
      path: '/api/addresses/validate',
      summary: 'Check an address: how deep it is right, what was corrected and why, what is wrong, what may be meant',
      description:
        'Levels: `syntax` (complete and well formed), `postal` (postal code, state, city and county belong together), `street` (the number is ' +
        'within a range of its road), `point` (the house is an address point), null. Nothing is stored.',
      tags,
      body: Type.Object({
        text: Type.Optional(
          Type.Union([Type.String({ maxLength: 1_024 }), Type.Null()], {
            description: 'The whole address on one line, instead of fields',
          }),
        ),
        address1: FIELD,
        address2: FIELD,
        city: FIELD,
        state: FIELD,
        postalCode: FIELD,
        country: FIELD,
      }),
      responses: { 200: ADDRESS_VALIDATION },
      async handle({ scope, body: { text, ...fields } }) {
        const given = text ? { ...addresses.postalFromText(text), ...onlyGiven(fields) } : fields;
        const validation: AddressValidation = await addresses.validateAddress(given, scope.organizationId);
        return { status: 200, body: validation };
      },
    }),
    defineRoute({
      operationId: 'addresses.ofLocation',
      method: 'GET',
      path: '/api/locations/{locationId}/addresses',
      summary: 'The addresses of a location: emergency address, building, location; how right each is; former ones',
      description: 'The first that is there is where calls are located that are known by their number alone.',
      tags,
      responses: { 200: LOCATION_ADDRESSES },
      async handle({ scope, params }) {
        return { status: 200, body: await places.readLocationAddresses(scope, params['locationId'] ?? '') };
      },
    }),
    defineRoute({
      operationId: 'addresses.ofNumber',
      method: 'GET',
      path: '/api/numbers/{phoneNumber}/addresses',
      summary: 'The addresses of a number: its own emergency address, then those of its location; former ones',
      tags,
      responses: { 200: ANY },
      async handle({ scope, params }) {
        return { status: 200, body: await members.readNumberAddresses(scope, params['phoneNumber'] ?? '') };
      },
    }),
  ];
}

function onlyGiven(fields: UncheckedAddress): UncheckedAddress {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => (value ?? '') !== ''));
}
