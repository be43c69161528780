import type { RestRoute } from '../transport/rest-route.ts';
import type { VirtualLineUpdate } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** PUT virtualLines/{virtualLineId}: what the body leaves out stays. */
export function updateVirtualLine(deps: WebexApiDeps): RestRoute {
  return contractRoute<VirtualLineUpdate>('PUT /telephony/config/virtualLines/{virtualLineId}', {
    async handle({ scope, params, body }) {
      const { firstName, lastName, phoneNumber, extension } = body;
      await deps.members.updateMember(
        scope,
        memberParameter(params, 'virtualLineId'),
        { firstName, lastName, phoneNumber: phoneNumber ?? undefined, extension: extension ?? undefined },
        'VIRTUAL_LINE',
      );
      return { status: 204 };
    },
  });
}
