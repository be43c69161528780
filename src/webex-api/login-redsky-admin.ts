import type { RestRoute } from '../transport/rest-route.ts';
import type { LoginRequest, LoginResponse } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 2: checks the password of an E911 administrator and tells which account it opens (decision 37). */
export function loginRedSkyAdmin(deps: WebexApiDeps): RestRoute {
  return contractRoute<LoginRequest>('POST /telephony/config/redSky/actions/login/invoke', {
    async handle({ scope, body }) {
      const { email, password, redSkyOrgId } = body;
      const login: LoginResponse = await deps.accounts.loginAdmin(scope, {
        email,
        password,
        redskyOrgId: redSkyOrgId,
      });
      return { status: 200, body: login };
    },
  });
}
