import { ProblemError } from '../../domain/problem.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { ANY } from '../schemas.ts';

/** The embedded database as one file. */
export function backupRoutes(deps: { dump: (() => Promise<Uint8Array>) | undefined }): RestRoute[] {
  return [
    defineRoute({
      operationId: 'backup.create',
      method: 'POST',
      path: '/api/backup',
      summary: 'A consistent copy of the embedded database, as a gzipped tar',
      tags: ['Platform'],
      responses: { 200: ANY },
      async handle() {
        if (!deps.dump) throw new ProblemError('conflict', 'this platform runs on PostgreSQL: use pg_dump');
        const archive = Buffer.from(await deps.dump());
        return { status: 200, headers: { 'content-type': 'application/gzip' }, body: archive };
      },
    }),
  ];
}
