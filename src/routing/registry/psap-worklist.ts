import type { Actor, Audit } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import { announceChange } from '../../storage/change-feed.ts';
import type { Database } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { compareText } from '../../support/compare-text.ts';
import { nameOrder, type SortKey, type SortWord, sortItems } from '../../support/sort-order.ts';
import { noteMappingChanges } from '../mapping-change-records.ts';
import type { NamedArea } from './county-names.ts';
import { readStandings } from './read-standings.ts';
import {
  deletePsapChoice,
  lockRegistry,
  type PsapChoiceRow,
  selectActiveEntry,
  selectPsapChoiceForUpdate,
  upsertPsapChoice,
} from './registry-records.ts';
import { leadsToRelay, type RegistryStanding } from './registry-standing.ts';

/** A boundary of the built-in data and who may serve it. `none`: no registry names a PSAP that takes calls there. */
export type WorklistItem = Omit<RegistryStanding, 'status'> & {
  name: string;
  state: string;
  status: RegistryStanding['status'] | 'none';
  leadsToRelay: boolean;
};

export type WorklistColumn = 'name' | 'status' | 'psap' | 'candidates' | 'reason';

export type WorklistFilter = {
  status?: WorklistItem['status'] | 'open';
  state?: string;
  /** Part of the name of the area or of its PSAP, in any case. */
  text?: string;
  /** By state and name unless told. */
  sort?: SortWord<WorklistColumn>;
};

const ORDERS: Readonly<Record<WorklistColumn, (item: WorklistItem) => SortKey>> = {
  name: ({ name }) => nameOrder(name),
  status: ({ status }) => status,
  psap: ({ psap }) => (psap === null ? null : nameOrder(psap.name)),
  candidates: ({ candidates }) => candidates.length,
  reason: ({ choice }) => choice?.reason.toLowerCase() ?? null,
};

/** `candidate` names one of the item's candidates; null: the relay centre, on purpose. */
export type PsapChoice = { candidate: { source: string; key: string } | null; reason: string };

/** What is ambiguous in PSAP registries, and the operator's answers. Operator only: the door checks. */
export function createPsapWorklist(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  areas: readonly NamedArea[];
}) {
  const { areas, audit, clock, database } = deps;
  const areaOf = new Map(areas.map((area) => [area.sourceId, area]));

  function toItem(area: NamedArea, standing: RegistryStanding | undefined): WorklistItem {
    const { name, region, sourceId } = area;
    const nothing = { sourceId, candidates: [], psap: null, choice: null };
    return {
      ...(standing ?? nothing),
      name,
      state: region,
      status: standing?.status ?? 'none',
      leadsToRelay: standing !== undefined && leadsToRelay(standing),
    };
  }

  /** By state and name. `open`: what waits for an answer. */
  async function listWorklist(
    filter: WorklistFilter,
    page: { start: number; max: number },
  ): Promise<{ items: WorklistItem[]; total: number; counts: Partial<Record<WorklistItem['status'], number>> }> {
    const standings = await readStandings(database.db);
    const counts: Partial<Record<WorklistItem['status'], number>> = {};
    const found: WorklistItem[] = [];
    const wanted = filter.text?.trim().toLowerCase() ?? '';
    for (const area of areas) {
      if (filter.state !== undefined && area.region !== filter.state.toUpperCase()) continue;
      const item = toItem(area, standings.get(area.sourceId));
      if (!`${item.name}\n${item.psap?.name ?? ''}`.toLowerCase().includes(wanted)) continue;
      counts[item.status] = (counts[item.status] ?? 0) + 1;
      const isOpen = item.status === 'several' || item.status === 'gone';
      if (filter.status === undefined || (filter.status === 'open' ? isOpen : item.status === filter.status)) {
        found.push(item);
      }
    }
    found.sort((a, b) => compareText(a.state, b.state) || compareText(a.name, b.name));
    const ordered = filter.sort === undefined ? found : sortItems(found, filter.sort, ORDERS);
    return { items: ordered.slice(page.start, page.start + page.max), total: found.length, counts };
  }

  async function choosePsap(actor: Actor, sourceId: string, choice: PsapChoice): Promise<WorklistItem> {
    const area = requireArea(sourceId);
    await database.db.transaction().execute(async (tx) => {
      await lockRegistry(tx);
      const { candidate } = choice;
      if (candidate) {
        const entry = await selectActiveEntry(tx, candidate);
        if (!entry?.sourceIds.includes(sourceId)) {
          throw new ProblemError('invalid', `${sourceId} has no such candidate`, {
            fields: [{ path: 'candidate', message: 'expected source and key of one of the candidates' }],
          });
        }
      }
      const before = await selectPsapChoiceForUpdate(tx, sourceId);
      const after: PsapChoiceRow = {
        sourceId,
        registrySource: candidate?.source ?? null,
        entryKey: candidate?.key ?? null,
        reason: choice.reason,
        actor: actor.tokenId,
        chosenAt: new Date(clock.nowMs()),
      };
      await upsertPsapChoice(tx, after);
      await noteMappingChanges(tx, [sourceId], after.chosenAt);
      await audit.record(
        tx,
        { ...actor, organizationId: null },
        { action: 'psap.chosen', subject: `boundary ${sourceId}`, before, after },
      );
      await announceChange(tx, 'routing', null);
    });
    return toItem(area, (await readStandings(database.db)).get(sourceId));
  }

  async function clearPsapChoice(actor: Actor, sourceId: string): Promise<void> {
    requireArea(sourceId);
    await database.db.transaction().execute(async (tx) => {
      await lockRegistry(tx);
      const before = await selectPsapChoiceForUpdate(tx, sourceId);
      if (!before) throw new ProblemError('not-found', `nothing was chosen for ${sourceId}`);
      await deletePsapChoice(tx, sourceId);
      await noteMappingChanges(tx, [sourceId], new Date(clock.nowMs()));
      await audit.record(
        tx,
        { ...actor, organizationId: null },
        { action: 'psap.choice-cleared', subject: `boundary ${sourceId}`, before },
      );
      await announceChange(tx, 'routing', null);
    });
  }

  function requireArea(sourceId: string): NamedArea {
    const area = areaOf.get(sourceId);
    if (area) return area;
    throw new ProblemError('not-found', `there is no boundary ${sourceId} in the built-in data`);
  }

  return { listWorklist, choosePsap, clearPsapChoice };
}
