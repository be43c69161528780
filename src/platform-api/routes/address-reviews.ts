import { Type } from 'typebox';
import type { AddressData } from '../../addresses/address-data.ts';
import type { UncheckedAddress } from '../../addresses/addresses.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { readMoment } from '../read-moment.ts';
import { ANY, listOf } from '../schemas.ts';

const FIELD = Type.Optional(Type.Union([Type.String({ maxLength: 1_024 }), Type.Null()]));

type StatusQuery = { start?: number; max?: number; status?: string; kind?: string; flippedSince?: string };

/** How stored addresses stand, looking at them again, and an administrator's word for an address. */
export function addressReviewRoutes({ addressData }: { addressData: AddressData }): RestRoute[] {
  const tags = ['Addresses'];
  return [
    defineRoute<undefined, StatusQuery>({
      operationId: 'addressStatuses.list',
      method: 'GET',
      path: '/api/address-statuses',
      summary: 'How the stored addresses stood when they were last looked at; those that changed last come first',
      description:
        'Addresses of locations, buildings, response locations, numbers and devices. Status: `point`, `street`, `postal`, `syntax`, ' +
        '`none`, or `override` where an administrator vouches for what the data do not have. They are looked at again whenever address data change.',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        status: Type.Optional(Type.Enum(['point', 'street', 'postal', 'syntax', 'none', 'override'])),
        kind: Type.Optional(
          Type.Enum([
            'location',
            'building',
            'response-location',
            'location-emergency-address',
            'number-emergency-address',
            'device',
          ]),
        ),
        flippedSince: Type.Optional(
          Type.String({ description: 'Only those whose status changed then or later, ISO 8601' }),
        ),
      }),
      responses: { 200: listOf(ANY) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { status, kind, flippedSince } = query;
        const { items, total } = await addressData.listAddressStatuses(
          scope,
          {
            status,
            kind,
            ...(flippedSince !== undefined && { flippedSince: readMoment(flippedSince, 'flippedSince') }),
          },
          page,
        );
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute({
      operationId: 'addressReviews.start',
      method: 'POST',
      path: '/api/address-reviews',
      summary: 'Look at every stored address again, of all organizations',
      tags,
      responses: { 202: ANY },
      async handle() {
        return { status: 202, body: await addressData.startReview('asked for') };
      },
    }),
    defineRoute<undefined, { start?: number; max?: number }>({
      operationId: 'addressReviews.list',
      method: 'GET',
      path: '/api/address-reviews',
      summary: 'The latest looks at the stored addresses, newest first',
      tags,
      query: Type.Object(PAGE_QUERY),
      responses: { 200: listOf(ANY) },
      async handle({ query, absoluteUrl }) {
        const page = pageOf(query);
        const items = await addressData.listReviews(page);
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, items.length < page.max) };
      },
    }),
    defineRoute({
      operationId: 'addressReviews.get',
      method: 'GET',
      path: '/api/address-reviews/{id}',
      summary: 'How far a look at the stored addresses is, and how many changed',
      tags,
      responses: { 200: ANY },
      async handle({ params }) {
        return { status: 200, body: await addressData.getReview(params.id ?? '') };
      },
    }),
    defineRoute({
      operationId: 'addressOverrides.list',
      method: 'GET',
      path: '/api/address-overrides',
      summary: 'Addresses that administrators say are right although the data do not have them',
      tags,
      responses: { 200: listOf(ANY) },
      async handle({ scope }) {
        return { status: 200, body: { items: await addressData.listAddressOverrides(scope) } };
      },
    }),
    defineRoute<{ address: UncheckedAddress; reason: string }>({
      operationId: 'addressOverrides.create',
      method: 'POST',
      path: '/api/address-overrides',
      summary: 'Vouch for an address that the data do not have; it is shown as that, never as validated',
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
        reason: Type.String({ minLength: 1, maxLength: 1_000 }),
      }),
      responses: { 201: ANY },
      async handle({ scope, body }) {
        return { status: 201, body: await addressData.addAddressOverride(scope, body) };
      },
    }),
    defineRoute({
      operationId: 'addressOverrides.remove',
      method: 'DELETE',
      path: '/api/address-overrides/{id}',
      summary: 'No longer vouch for an address',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await addressData.removeAddressOverride(scope, params.id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
