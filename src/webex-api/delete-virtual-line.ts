import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** DELETE virtualLines/{virtualLineId}: its numbers stay at the location; refused while others are called back on them. */
export function deleteVirtualLine(deps: WebexApiDeps): RestRoute {
  return contractRoute('DELETE /telephony/config/virtualLines/{virtualLineId}', {
    async handle({ scope, params }) {
      await deps.members.removeMember(scope, memberParameter(params, 'virtualLineId'), 'VIRTUAL_LINE');
      return { status: 204 };
    },
  });
}
