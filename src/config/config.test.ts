import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ConfigError, findDoubts, readConfig } from './config.ts';

test('an empty environment gives the documented defaults', () => {
  const config = readConfig({});
  assert.equal(config.httpPort, 8911);
  assert.deepEqual(config.hosts, ['127.0.0.1']);
  assert.equal(config.databaseUrl, undefined);
  assert.deepEqual(config.rtpPorts, { from: 20_000, to: 20_999 });
  assert.ok(Object.isFrozen(config));
});

test('all faults are reported together, each with its variable', () => {
  assert.throws(
    () =>
      readConfig({
        WAYMARK_HTTP_PORT: '70000',
        WAYMARK_DEMO: 'maybe',
        WAYMARK_RTP_PORTS: '9-1',
        WAYMARK_HTP_PORT: '1',
      }),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.faults.length, 3);
      for (const name of ['WAYMARK_HTTP_PORT', 'WAYMARK_DEMO', 'WAYMARK_RTP_PORTS']) {
        assert.ok(error.message.includes(name), name);
      }
      return true;
    },
  );
});

test('secrets never print', () => {
  const config = readConfig({ WAYMARK_DATABASE_URL: 'postgres://user:hunter2@127.0.0.1/db' });
  assert.ok(!inspect(config).includes('hunter2'));
  assert.ok(!JSON.stringify(config).includes('hunter2'));
  assert.equal(config.databaseUrl?.reveal(), 'postgres://user:hunter2@127.0.0.1/db');
  assert.throws(
    () => readConfig({ WAYMARK_DATABASE_URL: 'mysql://user:hunter2@h' }),
    (error: unknown) => error instanceof ConfigError && !error.message.includes('hunter2'),
  );
});

test('what is allowed but most likely not meant is told', () => {
  const doubts = (environment: Record<string, string>) => findDoubts(environment, readConfig(environment));
  assert.deepEqual(doubts({ WAYMARK_HTTP_PORT: '1', WAYMARK_TEST_SKIP: 'sipp', PATH: '/bin' }), []);
  assert.match(doubts({ WAYMARK_HTP_PORT: '1' }).join(), /^WAYMARK_HTP_PORT is not a setting/);
  assert.match(doubts({ WAYMARK_HOST: '0.0.0.0' }).join(), /^WAYMARK_PUBLIC_URL is not set.*0\.0\.0\.0/);
  assert.deepEqual(doubts({ WAYMARK_HOST: '0.0.0.0', WAYMARK_PUBLIC_URL: 'https://e911.example' }), []);
  const provider = { WAYMARK_PROVIDER_NAME: 'Example', WAYMARK_PROVIDER_CONTACT: 'tel:+15125550111' };
  assert.match(
    doubts({ ...provider, WAYMARK_PUBLIC_URL: 'http://e911.example' }).join(),
    /calls get no Additional Data$/,
  );
  assert.deepEqual(doubts({ ...provider, WAYMARK_PUBLIC_URL: 'https://e911.example' }), []);
});

test('TLS needs a certificate and its key, and links that lead to it', () => {
  const faults = (environment: Record<string, string>): string => {
    try {
      readConfig(environment);
      return '';
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
  };
  assert.match(faults({ WAYMARK_TLS_CERT: 'c.pem' }), /WAYMARK_TLS_KEY is not set: it is needed with WAYMARK_TLS_CERT/);
  assert.match(faults({ WAYMARK_TLS_KEY: 'k.pem' }), /WAYMARK_TLS_CERT is not set/);
  assert.match(
    faults({ WAYMARK_TLS_CA: 'a.pem' }),
    /WAYMARK_TLS_CERT is not set.*WAYMARK_TLS_CA[^]*WAYMARK_TLS_KEY is not set/,
  );
  assert.match(faults({ WAYMARK_FORWARDED_HEADER: 'via' }), /expected one of x-forwarded-for, forwarded/);
  const pair = { WAYMARK_TLS_CERT: 'c.pem', WAYMARK_TLS_KEY: 'k.pem' };
  const config = readConfig(pair);
  assert.deepEqual([config.tlsCert, config.tlsCa, config.httpsPort], ['c.pem', undefined, 8_912]);
  assert.match(findDoubts(pair, config).join(), /location URIs and links lead past TLS/);
  const named = { ...pair, WAYMARK_PUBLIC_URL: 'https://e911.example' };
  assert.deepEqual(findDoubts(named, readConfig(named)), []);
});

test('an identity provider is not trusted without an audience, nor over plain HTTP from afar', () => {
  const fault = (environment: Record<string, string>): string => {
    try {
      readConfig(environment);
      return '';
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
  };
  const issuer = { WAYMARK_OIDC_ISSUER: 'https://id.example/tenant/' };
  assert.match(fault(issuer), /WAYMARK_OIDC_AUDIENCE is not set/);
  const both = { ...issuer, WAYMARK_OIDC_AUDIENCE: 'waymark' };
  assert.equal(readConfig(both).oidcIssuer, 'https://id.example/tenant/', 'as the claim has it');
  assert.match(fault({ ...both, WAYMARK_OIDC_ISSUER: 'http://id.example' }), /begins https:/);
  assert.match(fault({ ...both, WAYMARK_OIDC_ISSUER: 'https://id.example/?a=b' }), /without query/);
  assert.equal(fault({ ...both, WAYMARK_OIDC_ISSUER: 'http://127.0.0.1:8080/id' }), '');
  assert.match(fault({ ...both, WAYMARK_OIDC_ROLES: 'admins=root' }), /admins=root: expected/);
  const signIn = { ...issuer, WAYMARK_OIDC_CLIENT_ID: 'console', WAYMARK_OIDC_CLIENT_SECRET: 'hush-hush' };
  assert.equal(fault(signIn), '', 'people alone, no bearer tokens');
  assert.doesNotMatch(JSON.stringify(readConfig(signIn)), /hush/);
  assert.match(fault({ WAYMARK_OIDC_CLIENT_ID: 'console' }), /WAYMARK_OIDC_ISSUER is not set/);
  assert.match(fault({ ...both, WAYMARK_OIDC_CLIENT_SECRET: 'hush-hush' }), /WAYMARK_OIDC_CLIENT_ID is not set/);
  assert.match(fault({ ...signIn, WAYMARK_OIDC_SCOPES: 'email' }), /openid among them/);
  assert.deepEqual(
    findDoubts(signIn, readConfig(signIn)).filter((doubt) => doubt.includes('OIDC')).length,
    1,
    'the provider must know where people come back to',
  );
  const roles = { ...both, WAYMARK_OIDC_ROLES: 'cn=admins=fullAdmin, readers=readOnlyAdmin' };
  assert.deepEqual(readConfig(roles).oidcRoles, [
    { value: 'cn=admins', role: 'fullAdmin' },
    { value: 'readers', role: 'readOnlyAdmin' },
  ]);
});
