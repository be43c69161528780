const SECRET_NAME =
  /password|passphrase|secret|credential|authorization|private_?key|(^|[a-z])hash$|^(access|refresh)?_?token$/i;

/** What stands in place of a secret. */
export const OMITTED = '[omitted]';

/**
 * A copy in which no text under a name that speaks of a secret is left, at any depth: the net under use cases, which give
 * none in the first place. Numbers and truth values stay: `secretRequired` says nothing that must be hidden.
 */
export function omitSecrets(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return SECRET_NAME.test(name) ? OMITTED : value;
  if (Array.isArray(value)) return value.map((item) => omitSecrets(item, name));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, omitSecrets(item, key)]));
}
