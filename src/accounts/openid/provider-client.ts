import {
  type AuthorizationServer,
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  type Client,
  ClientSecretBasic,
  ClientSecretPost,
  calculatePKCECodeChallenge,
  clockSkew,
  clockTolerance,
  customFetch,
  None,
  processAuthorizationCodeResponse,
  validateAuthResponse,
} from 'oauth4webapi';
import { ProblemError } from '../../domain/problem.ts';
import type { Clock } from '../../support/clock.ts';
import type { ProviderDescription, ProviderDocuments } from '../provider-documents.ts';

/** As whom we are registered with the provider. */
export type ProviderClient = {
  clientId: string;
  /** undefined: a public client (RFC 6749 §2.1); PKCE protects it all the same. */
  clientSecret: string | undefined;
  /** Separated by spaces; `openid` among them (OpenID Connect Core 1.0 §3.1.2.1). */
  scopes: string;
};

/** What one browser was sent away with, and must come back with. */
export type Question = { state: string; nonce: string; codeVerifier: string };

/** One exchange, bounded in time and size, redirects not followed; throws a ProblemError. */
export type FetchBounded = (
  address: string,
  request: { method: string; headers: Record<string, string>; body: URLSearchParams },
) => Promise<Response>;

export type ProviderConversation = {
  /** Where a browser signs in. Throws `unavailable`, `upstream-failed`. */
  signInAddress(question: Question, redirectUri: string): Promise<string>;
  /**
   * The ID token for what a browser came back with, which nobody has verified yet. Throws the errors of oauth4webapi for what the
   * provider refused or should not have said, and a ProblemError where it does not answer.
   */
  redeem(answer: URLSearchParams, question: Question, redirectUri: string): Promise<string>;
  /** Whether one can sign out there (OpenID Connect RP-Initiated Logout 1.0 §2.1). */
  hasSignOut(): Promise<boolean>;
  /** Where a browser signs out there; undefined: nowhere. */
  signOutAddress(idTokenHint: string, returnTo: string): Promise<string | undefined>;
};

/** Clocks of other machines are not quite right. */
const LEEWAY_SECONDS = 30;

/** The authorization code flow with PKCE, as the client of a provider (RFC 6749 §4.1, RFC 7636, RFC 9700 §2.1.1). */
export function createProviderConversation(deps: {
  documents: ProviderDocuments;
  client: ProviderClient;
  clock: Clock;
  fetchBounded: FetchBounded;
}): ProviderConversation {
  const { client, clock, documents } = deps;

  /** An address of the provider; undefined: it names none that is fit for use. Only a provider on loopback may do without TLS. */
  function endpoint(description: ProviderDescription, name: string): URL | undefined {
    const value = description[name];
    const url = typeof value === 'string' ? URL.parse(value) : null;
    const isFit = url?.protocol === 'https:' || (url?.protocol === 'http:' && description.issuer.startsWith('http:'));
    return url !== null && isFit ? url : undefined;
  }

  function required(description: ProviderDescription, name: string): URL {
    const url = endpoint(description, name);
    if (url) return url;
    throw new ProblemError('upstream-failed', `the identity provider names no ${name} on https`);
  }

  function authentication(description: ProviderDescription) {
    const { clientSecret } = client;
    if (clientSecret === undefined) return None();
    // OpenID Connect Discovery 1.0 §3: without a list, `client_secret_basic` it is.
    const methods: unknown = description['token_endpoint_auth_methods_supported'];
    const isBasic = !Array.isArray(methods) || methods.includes('client_secret_basic');
    return isBasic ? ClientSecretBasic(clientSecret) : ClientSecretPost(clientSecret);
  }

  return {
    async signInAddress({ state, nonce, codeVerifier }, redirectUri) {
      const url = required(await documents.description(), 'authorization_endpoint');
      const question = {
        response_type: 'code',
        client_id: client.clientId,
        redirect_uri: redirectUri,
        scope: client.scopes,
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(question)) url.searchParams.set(name, value);
      return url.href;
    },
    async redeem(answer, { state, nonce, codeVerifier }, redirectUri) {
      const description = await documents.description();
      required(description, 'token_endpoint');
      const server = description as AuthorizationServer;
      const asClient: Client = {
        client_id: client.clientId,
        // The library looks at the machine's clock; ours may be another.
        [clockSkew]: Math.round((clock.nowMs() - Date.now()) / 1_000),
        [clockTolerance]: LEEWAY_SECONDS,
      };
      // RFC 9207 §2.4 among others: whose answer this is, where it says so.
      const parameters = validateAuthResponse(server, asClient, answer, state);
      const response = await authorizationCodeGrantRequest(
        server,
        asClient,
        authentication(description),
        parameters,
        redirectUri,
        codeVerifier,
        {
          // `required` has looked: only a provider on loopback gets here without TLS.
          [allowInsecureRequests]: description.issuer.startsWith('http:'),
          [customFetch]: async (address, { method, headers, body }) => {
            const said = await deps.fetchBounded(address, { method, headers, body });
            if (said.status >= 500) throw new ProblemError('upstream-failed', `the provider answered ${said.status}`);
            return said;
          },
        },
      );
      const { id_token: idToken } = await processAuthorizationCodeResponse(server, asClient, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      if (idToken === undefined) throw new ProblemError('upstream-failed', 'the identity provider gave no ID token');
      return idToken;
    },
    async hasSignOut() {
      return endpoint(await documents.description(), 'end_session_endpoint') !== undefined;
    },
    async signOutAddress(idTokenHint, returnTo) {
      const url = endpoint(await documents.description(), 'end_session_endpoint');
      if (url === undefined) return undefined;
      url.searchParams.set('client_id', client.clientId);
      url.searchParams.set('post_logout_redirect_uri', returnTo);
      if (idTokenHint !== '') url.searchParams.set('id_token_hint', idTokenHint);
      return url.href;
    },
  };
}
