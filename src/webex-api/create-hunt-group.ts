import type { RestRoute } from '../transport/rest-route.ts';
import type { NewHuntGroup } from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import { contractRoute } from './contract-route.ts';
import { HUNT_GROUP_FIELDS, huntGroupChanges } from './hunt-group-fields.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';
import { withFieldNames } from './with-field-names.ts';

/** Contract section 8, POST huntGroups of a location: with a number, an extension or both. */
export function createHuntGroup(deps: WebexApiDeps): RestRoute {
  return contractRoute<NewHuntGroup>('POST /telephony/config/locations/{locationId}/huntGroups', {
    async handle({ scope, params, body }) {
      const { id } = await withFieldNames(HUNT_GROUP_FIELDS, () =>
        deps.members.createMember(scope, {
          ...huntGroupChanges(body),
          kind: 'HUNT_GROUP',
          locationId: locationParameter(params),
          firstName: body.name,
        }),
      );
      return { status: 201, body: { id: encodeResourceId('HUNT_GROUP', id) } };
    },
  });
}
