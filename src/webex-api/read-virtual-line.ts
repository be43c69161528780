import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { readLocationNames } from './location-names.ts';
import { virtualLineAnswer } from './member-answers.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** GET virtualLines/{virtualLineId}. */
export function readVirtualLine(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/virtualLines/{virtualLineId}', {
    async handle({ scope, params }) {
      const line = await deps.members.readMember(scope, memberParameter(params, 'virtualLineId'), 'VIRTUAL_LINE');
      const locationOf = await readLocationNames(deps, scope, [line.locationId]);
      return { status: 200, body: virtualLineAnswer(line, locationOf) };
    },
  });
}
