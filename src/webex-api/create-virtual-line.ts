import { invalidField } from '../domain/problem.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import type { NewVirtualLine } from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import { contractRoute } from './contract-route.ts';
import { locationQuery } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 8, POST virtualLines: a line with a number, an extension or both. */
export function createVirtualLine(deps: WebexApiDeps): RestRoute {
  return contractRoute<NewVirtualLine>('POST /telephony/config/virtualLines', {
    async handle({ scope, body }) {
      const locationId = locationQuery(body.locationId, 'locationId');
      if (locationId === undefined) throw invalidField('locationId', 'is required');
      const { firstName, lastName, phoneNumber, extension } = body;
      const { id } = await deps.members.createMember(scope, {
        kind: 'VIRTUAL_LINE',
        locationId,
        firstName,
        lastName,
        phoneNumber,
        extension,
      });
      return { status: 201, body: { id: encodeResourceId('VIRTUAL_LINE', id) } };
    },
  });
}
