/**
 * Administrators at work on one organization, one after the other and all at once, through two nodes on one database: nobody
 * ever skips a stage, no change is lost, and whoever reads sees what the model says. On both databases.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { E911Account } from '../../src/accounts/e911-accounts.ts';
import { createAddresses } from '../../src/addresses/addresses.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { type Compliance, createCompliance } from '../../src/compliance/compliance.ts';
import { ProblemError } from '../../src/domain/problem.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { createPlaces, type Places } from '../../src/places/places.ts';
import type { Database } from '../../src/storage/database.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { addOrganization, silentLogger } from '../support/alerts-fixture.ts';
import {
  EMPTY_MODEL,
  MODEL_STAGES,
  type Model,
  type ModelAction,
  type ModelLocation,
  type ModelPlace,
  type ModelRequest,
  modelList,
  modelStatus,
  type Outcome,
  take,
} from '../support/compliance-model.ts';
import { openMigratedDatabase } from '../support/embedded-template.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

/** `next` = the stage that is expected next, as far as the asker knows: chance alone seldom asks for it. */
type Asked = ModelRequest | 'next';

/** What somebody wants; `pick` chooses among the locations that are, or were, there. */
type Wish =
  | { kind: 'organization'; request: Asked }
  | { kind: 'location'; pick: number; request: Asked; isLocal: boolean }
  | { kind: 'create'; letter: string; isAbroad: boolean }
  | { kind: 'remove'; pick: number }
  | { kind: 'read' };

/** One of the nodes does it. */
type Act = { wish: Wish; node: 0 | 1 };

const request: fc.Arbitrary<Asked> = fc.oneof(
  { weight: 5, arbitrary: fc.constant('next' as const) },
  { weight: 1, arbitrary: fc.constantFrom<ModelRequest>(...MODEL_STAGES) },
  { weight: 1, arbitrary: fc.constant('OPTED_OUT' as const) },
);
const pick = fc.nat({ max: 11 });
const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('organization' as const), request }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('location' as const), pick, request, isLocal: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      letter: fc.constantFrom('a', 'B', 'é', 'm', 'Z', '12'),
      isAbroad: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), pick }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'read' as const }) },
);
const act: fc.Arbitrary<Act> = fc.record({ wish, node: fc.constantFrom(0 as const, 1 as const) });

/** Whom the location administrator may touch. */
const isLocalOnes = ({ name }: ModelLocation): boolean => name < 'n';

type Node = { database: Database; places: Places; compliance: Compliance };

/** The real thing: one organization as two nodes have it. */
type Real = { nodes: readonly Node[]; scope: Scope; seenIds: string[]; count: number };

function openNode(database: Database): Node {
  const clock = createManualClock();
  const audit = createAudit({ database, clock });
  const deps = { database, audit, clock, logger: silentLogger, snapshotFolder: undefined };
  const account = (organizationId: string) =>
    ({ organizationId, companyId: 'company', redskyOrgId: 'redsky', adminExists: true, enabled: true }) as E911Account;
  const places = createPlaces({ ...deps, addresses: createAddresses() });
  const accounts = { account, readAccount: (organizationId: string) => Promise.resolve(account(organizationId)) };
  return { database, places, compliance: createCompliance({ ...deps, places, accounts, lockWaitMs: 20_000 }) };
}

function status(answer: Awaited<ReturnType<Compliance['readOrganizationStatus']>>): Outcome {
  const { orgStatus, complianceStatus, locationsStatus } = answer;
  return {
    orgStatus,
    complianceStatus,
    locationsStatus: locationsStatus && { ...locationsStatus, state: locationsStatus.state },
  };
}

function requestOf(asked: Asked, at: ModelPlace | undefined): ModelRequest {
  if (asked !== 'next') return asked;
  return MODEL_STAGES[at === 'out' || at === undefined ? 0 : at] ?? 'OPTED_OUT';
}

/** A wish made definite, as things are in the model: which stage, which location, which name. */
function decide(real: Real, model: Model, { wish }: Act): ModelAction {
  const locationAt = (index: number): string =>
    real.seenIds.length === 0
      ? '00000000-0000-4000-8000-000000000000'
      : (real.seenIds[index % real.seenIds.length] ?? '');
  switch (wish.kind) {
    case 'organization':
      return { kind: 'organization', request: requestOf(wish.request, model.organization) };
    case 'location':
      return {
        kind: 'location',
        locationId: locationAt(wish.pick),
        request: requestOf(wish.request, model.locations.get(locationAt(wish.pick))?.at),
        isAllowed: wish.isLocal ? isLocalOnes : () => true,
      };
    case 'create':
      real.count += 1;
      return { kind: 'create', name: `${wish.letter} ${real.count}`, isAbroad: wish.isAbroad };
    case 'remove':
      return { kind: 'remove', locationId: locationAt(wish.pick) };
    case 'read':
      return wish;
  }
}

const POSTAL = { address1: '350 Fifth Ave', city: 'New York', state: 'NY', postalCode: '10118', country: 'US' };
const ABROAD = { address1: 'Unter den Linden 1', city: 'Berlin', state: 'BE', postalCode: '10117', country: 'DE' };

async function perform(
  real: Real,
  { wish, node: index }: Act,
  action: ModelAction,
  local: ReadonlySet<string>,
): Promise<{ outcome: Outcome; createdId?: string }> {
  const node = real.nodes[index];
  assert.ok(node);
  const scope = wish.kind === 'location' && wish.isLocal ? { ...real.scope, locationIds: local } : real.scope;
  try {
    switch (action.kind) {
      case 'organization':
        return { outcome: status(await node.compliance.updateOrganizationStatus(scope, action.request)) };
      case 'location': {
        const answer = await node.compliance.updateLocationStatus(scope, action.locationId, action.request);
        assert.equal(answer.locationsStatus.locations[0]?.id, action.locationId);
        return { outcome: { state: answer.locationsStatus.state } };
      }
      case 'create': {
        const { id } = await node.places.createLocation(scope, {
          name: action.name,
          timeZone: 'America/New_York',
          preferredLanguage: 'en_us',
          announcementLanguage: 'en_us',
          address: action.isAbroad ? ABROAD : POSTAL,
        });
        return { outcome: 'created', createdId: id };
      }
      case 'remove':
        await node.places.removeLocation(scope, action.locationId);
        return { outcome: 'removed' };
      case 'read':
        return { outcome: status(await node.compliance.readOrganizationStatus(scope)) };
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { outcome: error.kind === 'gone' || error.kind === 'not-found' ? 'missing' : error.kind };
  }
}

const ORDERS = [
  ['locationName', false],
  ['locationName', true],
  ['locationState', false],
  ['locationState', true],
] as const;

/** Every way of reading, at every node, says what the model says. */
async function checkReads(real: Real, model: Model): Promise<void> {
  for (const { compliance } of real.nodes) {
    assert.deepEqual(status(await compliance.readOrganizationStatus(real.scope)), modelStatus(model));
    for (const [order, descending] of ORDERS) {
      const list = await compliance.listLocationStatus(real.scope, { start: 0, max: 2_000, order, descending });
      const entries = list.locationsStatus?.locations ?? [];
      const expected = modelList(model, order, descending) as { id: string; state: string }[];
      assert.deepEqual(
        entries.map(({ id, state }) => ({ id, state: state.replace(/ROUTING_ENABLE$/, 'ROUTING_ENABLED') })),
        expected,
        `${order} ${descending}`,
      );
      const middle = await compliance.listLocationStatus(real.scope, { start: 1, max: 2, order, descending });
      assert.deepEqual(middle.locationsStatus?.locations ?? [], entries.slice(1, 3));
    }
    for (const [id, location] of model.locations) {
      const standing = await compliance.readStanding(real.scope, id);
      const inService = !location.isAbroad && model.organization !== 'out' && location.at !== 'out';
      const at = location.at === 'out' ? 0 : location.at;
      assert.equal(standing.testCallsEnabled, inService && at >= 3);
      assert.equal(standing.routingEnabled, inService && at >= 4);
    }
  }
}

/** Locations that the location administrator has. */
function localIds(model: Model): ReadonlySet<string> {
  return new Set([...model.locations].filter(([, one]) => isLocalOnes(one)).map(([id]) => id));
}

/** One at a time, as a command of fast-check. */
class OneAct implements fc.AsyncCommand<{ model: Model }, Real> {
  readonly act: Act;
  constructor(one: Act) {
    this.act = one;
  }
  check(): boolean {
    return true;
  }
  async run(state: { model: Model }, real: Real): Promise<void> {
    const action = decide(real, state.model, this.act);
    const { outcome, createdId } = await perform(real, this.act, action, localIds(state.model));
    if (createdId !== undefined) real.seenIds.push(createdId);
    const expected = take(state.model, action, createdId);
    assert.deepEqual(outcome, expected.outcome);
    state.model = expected.model;
    await checkReads(real, state.model);
  }
  toString(): string {
    return JSON.stringify(this.act);
  }
}

type Done = { action: ModelAction; outcome: Outcome; createdId: string | undefined };

function isSame(a: Outcome, b: Outcome): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

/** Every model that some order of what was done at once explains; a request that was refused as locked did nothing. */
function explain(model: Model, done: readonly Done[]): Model[] {
  if (done.length === 0) return [model];
  return done.flatMap((first, index) => {
    if (first.outcome === 'locked') return explain(model, done.toSpliced(index, 1));
    const next = take(model, first.action, first.createdId);
    if (!isSame(next.outcome, first.outcome)) return [];
    return explain(next.model, done.toSpliced(index, 1));
  });
}

/** Everything that can be seen of the stages. */
async function observe({ compliance }: Node, scope: Scope): Promise<Outcome> {
  const page = await compliance.listLocationStatus(scope, {
    start: 0,
    max: 2_000,
    order: 'locationName',
    descending: false,
  });
  return {
    organization: { completed: page.organization.completed, optedOut: page.organization.optedOut },
    locations: (page.locationsStatus?.locations ?? []).map(({ id, progress: { completed, optedOut } }) => ({
      id,
      completed,
      optedOut,
    })),
  };
}

function toObserved(model: Model): Outcome {
  const place = (at: ModelPlace) => ({
    completed: at === 'out' ? null : (MODEL_STAGES[at - 1] ?? null),
    optedOut: at === 'out' || model.organization === 'out',
  });
  const list = modelList(model, 'locationName', false) as { id: string }[];
  return {
    organization: place(model.organization),
    locations: list.map(({ id }) => ({ id, ...place(model.locations.get(id)?.at ?? 0) })),
  };
}

const modelKey = (model: Model): string =>
  JSON.stringify([model.organization, [...model.locations].sort(([a], [b]) => (a < b ? -1 : 1))]);

let cluster: PostgresCluster;
before(async () => {
  cluster = await startPostgresCluster();
});
after(() => cluster.remove());

const engines = {
  // One session: what is asked at once is done in the order in which it comes.
  embedded: async () => [await openMigratedDatabase(silentLogger)],
  postgres: async () => {
    const url = await cluster.createDatabase();
    return [await openMigratedDatabase(silentLogger, url), await openMigratedDatabase(silentLogger, url)];
  },
} as const;

for (const [name, open] of Object.entries(engines)) {
  describe(`administrators on ${name}`, () => {
    let databases: Database[] = [];
    let nodes: Node[] = [];
    before(async () => {
      databases = await open();
      nodes = [0, 1].map((index) => openNode(databases[index] ?? (databases[0] as Database)));
    });
    after(async () => {
      for (const database of databases) await database.close();
    });

    async function newOrganization(): Promise<Real> {
      return { nodes, scope: await addOrganization(databases[0] as Database), seenIds: [], count: 0 };
    }

    test('one after the other: every answer and every reading is the model', async () => {
      const commands = fc.commands([act.map((one) => new OneAct(one))], { maxCommands: 30 });
      await fc.assert(
        fc.asyncProperty(commands, async (cmds) => {
          const real = await newOrganization();
          await fc.asyncModelRun(() => ({ model: { model: EMPTY_MODEL }, real }), cmds);
        }),
        { numRuns: 15, seed: 911, endOnFailure: true },
      );
    });

    test('all at once: some order explains every answer and what is read afterwards', async () => {
      const rounds = fc.array(fc.array(act, { minLength: 2, maxLength: 5 }), { minLength: 2, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(rounds, async (all) => {
          const real = await newOrganization();
          // Where nobody can see the difference yet, several explanations stand beside each other.
          let models: Model[] = [EMPTY_MODEL];
          const [reader] = nodes;
          assert.ok(reader);
          for (const acts of all) {
            const known = models[0] ?? EMPTY_MODEL;
            const local = localIds(known);
            const decided = acts.map((one) => ({ one, action: decide(real, known, one) }));
            const done = await Promise.all(
              decided.map(async ({ one, action }): Promise<Done> => {
                const { outcome, createdId } = await perform(real, one, action, local);
                return { action, outcome, createdId };
              }),
            );
            for (const { createdId } of done) if (createdId !== undefined) real.seenIds.push(createdId);
            const seen = await observe(reader, real.scope);
            const possible = models
              .flatMap((model) => explain(model, done))
              .filter((one) => isSame(toObserved(one), seen));
            models = [...new Map(possible.map((one) => [modelKey(one), one])).values()];
            const [explained] = models;
            assert.ok(explained, `no order explains ${JSON.stringify(done)} and then ${JSON.stringify(seen)}`);
            await checkReads(real, explained);
          }
        }),
        { numRuns: 15, seed: 933, endOnFailure: true },
      );
    });
  });
}
