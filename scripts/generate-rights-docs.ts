/** Writes docs/rights.md from the table of rights; `--check` only compares. */
import { readFile, writeFile } from 'node:fs/promises';
import { RIGHT_CODES, RIGHTS, type Right, type RightCode } from '../src/domain/rights.ts';
import type { Role } from '../src/domain/scope.ts';

const COLUMNS: Readonly<Record<string, Role>> = {
  full: 'fullAdmin',
  user: 'userAdmin',
  'read-only': 'readOnlyAdmin',
  location: 'locationAdmin',
  partner: 'partnerAdmin',
  operator: 'operator',
};

const marks = ({ roles }: Right): string =>
  Object.values(COLUMNS)
    .map((role) => (roles.includes(role) ? 'yes' : ' '))
    .join(' | ');

const codes = Object.entries<Right>(RIGHT_CODES).map(
  ([code, right]) => `| ${code} | ${marks(right)} | ${right.anyScope.map((scope) => `\`${scope}\``).join(' or ')} |`,
);

function operations(prefix: string): string {
  return Object.entries<RightCode>(RIGHTS)
    .filter(([operation]) => operation.includes(` ${prefix}/`))
    .map(([operation, code]) => `| \`${operation.replace(`${prefix}/`, '/')}\` | ${code} |`)
    .join('\n');
}

const markdown = `# Who may do what
Generated from \`src/domain/rights.ts\` by \`npm run generate\`; do not edit by hand. Reasons: decision 38.

A token is let in when its role is marked and it holds one of the scopes. Without a valid token: 401. With one that is not let in: 403.

- Every role acts for the organization of its token. \`orgId\` may name another one only for a **partner** administrator
  (its customers, else 403) and for the **operator** (unknown: 404); both act there as full administrators.
- What belongs to another organization does not exist: 404.
- A **location** administrator touches the locations that its token names; other locations of its organization: 403. Lists show
  its own locations only. A token that names none reaches none.
- An operation that has no row here is closed to everybody.

## Codes
| code | ${Object.keys(COLUMNS).join(' | ')} | scope |
| --- |${' --- |'.repeat(Object.keys(COLUMNS).length)} --- |
${codes.join('\n')}

## Operations under \`/v1\`
| operation | code |
| --- | --- |
${operations('/v1')}

## Operations under \`/api\`
| operation | code |
| --- | --- |
${operations('/api')}
`;

const path = new URL('../docs/rights.md', import.meta.url);
const current = await readFile(path, 'utf8').catch(() => '');
if (current !== markdown) {
  if (process.argv.includes('--check')) {
    process.stderr.write('docs/rights.md is stale: run npm run generate\n');
    process.exitCode = 1;
  } else {
    await writeFile(path, markdown);
  }
}
