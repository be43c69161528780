import type { Migration } from 'kysely/migration';
import * as foundation from './0001-foundation.ts';

/** Every migration in the order in which it is applied; a landed one never changes. */
export const migrations: Record<string, Migration> = {
  '0001-foundation': foundation,
};
