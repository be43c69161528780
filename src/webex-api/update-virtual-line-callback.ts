import type { RestRoute } from '../transport/rest-route.ts';
import type { PutECBNObject } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { memberField, memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 6: chooses the callback number of a virtual line; null and absent fields stay as they are. */
export function updateVirtualLineCallback(deps: WebexApiDeps): RestRoute {
  return contractRoute<PutECBNObject>('PUT /telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber', {
    async handle({ scope, params, body }) {
      await deps.members.updateMemberCallback(
        scope,
        memberParameter(params, 'virtualLineId'),
        {
          selected: body.selected,
          locationMemberId: memberField(body.locationMemberId, 'locationMemberId'),
        },
        'VIRTUAL_LINE',
      );
      return { status: 204 };
    },
  });
}
