/** A real OpenID Connect provider on loopback, certified and none of ours, with people whom tests make up. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import type { Page } from 'playwright-core';

const OPENID_CLIENT = { id: 'waymark-console', secret: 'only for tests, and long enough' };

export type OpenIdProvider = {
  issuer: string;
  /** What a platform needs to be told so that people sign in to it here. */
  env: Readonly<Record<string, string>>;
  /** From now on the platform at this address is known, and these people, by the name they sign in with. */
  open(platform: string, people: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<void>;
  close(): Promise<void>;
};

/**
 * Listens before anybody is known to it, because a platform is told its address before it has one of its own. By another name than
 * the platform's, so that to browsers the two are different sites.
 */
export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  let answer: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    env: {
      WAYMARK_OIDC_ISSUER: issuer,
      WAYMARK_OIDC_CLIENT_ID: OPENID_CLIENT.id,
      WAYMARK_OIDC_CLIENT_SECRET: OPENID_CLIENT.secret,
      WAYMARK_OIDC_LABEL: 'Example ID',
      WAYMARK_OIDC_ROLES: 'e911-admins=fullAdmin,e911-partners=partnerAdmin',
    },
    async open(platform, people) {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true });
      const key = { ...(await exportJWK(privateKey)), kid: 'one', alg: 'ES256', use: 'sig' };
      answer = new Provider(issuer, {
        clients: [
          {
            client_id: OPENID_CLIENT.id,
            client_secret: OPENID_CLIENT.secret,
            redirect_uris: [`${platform}/sign-in/openid/callback`],
            post_logout_redirect_uris: [`${platform}/sign-in`],
            id_token_signed_response_alg: 'ES256',
          },
        ],
        claims: { openid: ['sub', 'roles', 'organization', 'partner'], email: ['email'], profile: ['name'] },
        // Else what scopes stand for is told at another door alone.
        conformIdTokenClaims: false,
        cookies: { keys: ['only for tests'] },
        jwks: { keys: [key] },
        pkce: { required: () => true },
        features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
        findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
      }).callback();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Signs somebody in at the provider's own page, and agrees to whatever it asks. */
export async function signInAtProvider(page: Page, name: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(name);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}
