import type { RestRoute } from '../transport/rest-route.ts';
import type { PutPersonECBNObject } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { memberField, memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 6: chooses the callback number of a person; null and absent fields stay as they are. */
export function updatePersonCallback(deps: WebexApiDeps): RestRoute {
  return contractRoute<PutPersonECBNObject>('PUT /telephony/config/people/{personId}/emergencyCallbackNumber', {
    async handle({ scope, params, body }) {
      await deps.members.updateMemberCallback(
        scope,
        memberParameter(params, 'personId'),
        {
          selected: body.selected,
          locationMemberId: memberField(body.locationMemberId, 'locationMemberId'),
          elinEnabled: body.elinEnabled,
          elinForWebexAppEnabled: body.elinForWebexAppEnabled,
        },
        'PEOPLE',
      );
      return { status: 204 };
    },
  });
}
