import type { Audit } from '../audit/audit.ts';
import { invalidField, missing, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import { recordRemoval, wasRemoved } from '../storage/removed-resources.ts';
import { isUuid, newId } from '../support/ids.ts';
import type { Trunk } from './trunk.ts';
import { canonicalBlock } from './trunk-index.ts';
import { deleteTrunk, hasTrunkName, insertTrunk, selectTakenAddresses, selectTrunks } from './trunk-records.ts';

export type NewTrunk = {
  name: string;
  /** 1 to 64 addresses or CIDR blocks, IPv4 or IPv6. */
  addresses: readonly string[];
  /** Source port; absent or null = any. */
  port?: number | null | undefined;
};

const MAX_ADDRESSES = 64;
const MAX_NAME_LENGTH = 80;

/** Trunks: which source address means which organization. An address belongs to one trunk on the whole platform. */
export function createTrunkManagement(deps: { database: Database; audit: Audit }) {
  const { database, audit } = deps;
  return {
    /** Throws `invalid` (name, addresses, port) or `conflict` (name or address taken). */
    async createTrunk(scope: Scope, wanted: NewTrunk): Promise<Trunk> {
      const trunk = readTrunk(scope.organizationId, wanted);
      return database.db.transaction().execute(async (tx) => {
        if (await hasTrunkName(tx, trunk.organizationId, trunk.name)) {
          throw new ProblemError('conflict', `a trunk named ${trunk.name} exists`, {
            fields: [{ path: 'name', message: 'already in use' }],
          });
        }
        const taken = await selectTakenAddresses(tx, trunk.addresses, trunk.port);
        if (taken.length > 0) {
          throw new ProblemError('conflict', `${taken.join(', ')} belongs to a trunk already`, {
            fields: [{ path: 'addresses', message: 'already in use' }],
          });
        }
        await insertTrunk(tx, trunk);
        await audit.record(tx, scope, {
          action: 'trunk.created',
          subject: `trunk ${trunk.id}`,
          after: { name: trunk.name, addresses: trunk.addresses, port: trunk.port },
        });
        await announceChange(tx, 'trunks', trunk.organizationId);
        return trunk;
      });
    },
    listTrunks: (scope: Scope): Promise<Trunk[]> => selectTrunks(database.db, scope.organizationId),
    /** Throws `not-found` or `gone`. */
    async removeTrunk(scope: Scope, id: string): Promise<void> {
      await database.db.transaction().execute(async (tx) => {
        const trunk = { organizationId: scope.organizationId, kind: 'trunk', id } as const;
        const before = (await selectTrunks(tx, scope.organizationId)).find((one) => one.id === id.toLowerCase());
        const isRemoved = isUuid(id) && (await deleteTrunk(tx, scope.organizationId, id));
        if (!isRemoved) throw missing(await wasRemoved(tx, trunk), `trunk ${id}`);
        await recordRemoval(tx, trunk);
        await audit.record(tx, scope, { action: 'trunk.removed', subject: `trunk ${id}`, before });
        await announceChange(tx, 'trunks', scope.organizationId);
      });
    },
  };
}

function readTrunk(organizationId: string, { name, addresses, port = null }: NewTrunk): Trunk {
  const trimmed = name.trim();
  if (trimmed === '' || trimmed.length > MAX_NAME_LENGTH)
    throw invalidField('name', `needs 1 to ${MAX_NAME_LENGTH} characters`);
  if (addresses.length === 0 || addresses.length > MAX_ADDRESSES) {
    throw invalidField('addresses', `needs 1 to ${MAX_ADDRESSES} entries`);
  }
  const blocks = addresses.map((text, index) => {
    const block = canonicalBlock(text);
    if (block === undefined) throw invalidField(`addresses.${index}`, 'is no IP address or CIDR block');
    return block;
  });
  if (port !== null && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    throw invalidField('port', 'needs 1 to 65535');
  return { id: newId(), organizationId, name: trimmed, addresses: [...new Set(blocks)], port };
}
