/** As much of the provider as tests use; it brings no types of its own. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  type Account = { accountId: string; claims(): Record<string, unknown> };

  export class Provider {
    constructor(
      issuer: string,
      configuration: {
        clients: readonly Record<string, unknown>[];
        claims: Readonly<Record<string, readonly string[]>>;
        conformIdTokenClaims: boolean;
        cookies: { keys: readonly string[] };
        jwks: { keys: readonly object[] };
        pkce: { required(): boolean };
        features: Readonly<Record<string, { enabled: boolean }>>;
        findAccount(context: unknown, id: string): Account;
      },
    );
    callback(): RequestListener;
  }
}
