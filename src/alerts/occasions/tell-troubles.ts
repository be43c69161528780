import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertTrigger } from '../../domain/alert-trigger.ts';
import type { LocationValue } from '../../domain/location-value.ts';
import { SOS } from '../../domain/service-urn.ts';
import type { Places } from '../../places/places.ts';
import type { Routing } from '../../routing/routing.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { AlertOutcome } from '../delivery/dispatch-messages.ts';
import type { LaneChange } from '../delivery/lane-health.ts';
import type { SendNow } from '../delivery/send-now.ts';
import { inTime } from '../incidents/in-time.ts';
import { isConditionBad, noteCondition } from './condition-records.ts';
import { channelOccasion, destinationOccasion, givenUpOccasion } from './news-occasions.ts';
import { PATIENCE_MS } from './tell-occasions.ts';

/** A destination of calls of which it is known now whether it answers. */
export type DestinationTrouble = {
  destination: string;
  isDown: boolean;
  downSince: string | null;
  at: string;
  serves: readonly {
    kind: 'psap' | 'relay' | 'trunk';
    name: string;
    uri: string;
    /** Whose trunk it is. */
    organizationId?: string | undefined;
  }[];
};

/** Tells of what goes wrong beside calls: destinations that do not answer, channels that take nothing, alerts that were given up. */
export type TroubleTelling = {
  /** Resolves when those concerned are told; never rejects. */
  tellDestination(change: DestinationTrouble): Promise<void>;
  tellChannel(change: LaneChange): Promise<void>;
  /** Of an attempt that ended: of one that was the last, unless it was itself about such. */
  tellOutcome(outcome: AlertOutcome): Promise<void>;
};

export type TroubleTellingDeps = {
  database: Pick<Database, 'db'>;
  places: Pick<Places, 'locationsOf' | 'building'>;
  routing: Pick<Routing, 'destinationsFor'>;
  /** Organizations of which somebody is told of this. */
  organizationsTold(trigger: AlertTrigger): Iterable<string>;
  /** Whose a connection is, and what it is called; undefined: it is not known. */
  connectionOf(id: string): { organizationId: string; name: string } | undefined;
  enqueueOccasion(tx: Transaction, occasion: AlertOccasion): Promise<SendNow>;
  /** In a transaction of its own, or without the database; never rejects. */
  tell(occasion: AlertOccasion): Promise<void>;
  /** The operator of the platform; never rejects. */
  tellOperator(subject: string, text: string): Promise<void>;
  clock: Clock;
  logger: Logger;
};

/** An organization that has more of them hears of it once for all. */
const MAX_LOCATIONS = 50;
const MAX_LOOKED_AT = 2_000;
const LOOKED_AT_IN_A_TURN = 10;
/** Many occasions take a while; keys keep what is stored later from being told twice. */
const STORE_PATIENCE_MS = 15_000;
/** What would tell of itself, again and again. */
const QUIET_KINDS: ReadonlySet<string> = new Set(['delivery-failing', 'alarm', 'invitation']);

export function createTroubleTelling(deps: TroubleTellingDeps): TroubleTelling {
  const { database, places, routing, clock, logger } = deps;

  /** Locations of an organization whose emergency calls go to one of these; one more than are told by themselves at most. */
  async function locationsServed(organizationId: string, uris: ReadonlySet<string>): Promise<string[]> {
    const served: string[] = [];
    const locations = uris.size === 0 ? [] : places.locationsOf(organizationId).slice(0, MAX_LOOKED_AT);
    for (const [index, location] of locations.entries()) {
      if (served.length > MAX_LOCATIONS) break;
      // Calls are routed on this thread.
      if (index % LOOKED_AT_IN_A_TURN === LOOKED_AT_IN_A_TURN - 1) await nextTurn();
      const { address, position } = places.building(organizationId, location.id) ?? location;
      const value: LocationValue = {
        civic: address,
        ...(position && { shape: { type: 'point', position } }),
      };
      const route = routing.destinationsFor(value, SOS);
      if (route && [route.uri, ...route.alternateUris].some((uri) => uris.has(uri))) served.push(location.id);
    }
    return served;
  }

  /** As everybody concerned hears of it. */
  async function destinationOccasions(change: DestinationTrouble): Promise<AlertOccasion[]> {
    const { serves, isDown, downSince, at } = change;
    const names = [...new Set(serves.map(({ name }) => name))].join(', ');
    const news = {
      destination: names === '' ? change.destination : `${names} (${change.destination})`,
      isDown,
      downSince,
      at,
    };
    const isRelay = serves.some(({ kind }) => kind === 'relay');
    const uris = new Set(serves.filter(({ kind }) => kind === 'psap').map(({ uri }) => uri));
    const owners = new Set(serves.flatMap(({ organizationId }) => organizationId ?? []));
    const occasions: AlertOccasion[] = [];
    for (const organizationId of deps.organizationsTold('destination-unreachable')) {
      const served = await locationsServed(organizationId, uris);
      if (!isRelay && !owners.has(organizationId) && served.length === 0) continue;
      const locationIds = served.length > MAX_LOCATIONS ? [] : served;
      for (const locationId of [null, ...locationIds]) {
        occasions.push(destinationOccasion({ ...news, organizationId, locationId }));
      }
    }
    return occasions;
  }

  /** Stores what is told, unless another node has; gives whether it did, and sends it, however late the commit comes. */
  async function storeOnce(subject: string, isBad: boolean, occasions: readonly AlertOccasion[]): Promise<boolean> {
    const sends = await database.db.transaction().execute(async (tx) => {
      if (!(await noteCondition(tx, subject, isBad, new Date(clock.nowMs())))) return undefined;
      const stored: SendNow[] = [];
      for (const occasion of occasions) stored.push(await deps.enqueueOccasion(tx, occasion));
      return stored;
    });
    for (const send of sends ?? []) send();
    return sends !== undefined;
  }

  /** Tells it once, however many nodes see it; without the database each tells what it sees. */
  async function tellOnce(
    { subject, isBad, isChange }: { subject: string; isBad: boolean; isChange: boolean },
    findOccasions: () => readonly AlertOccasion[] | Promise<readonly AlertOccasion[]>,
    tellOperator: () => Promise<void>,
  ): Promise<void> {
    let occasions: readonly AlertOccasion[] | undefined;
    try {
      if ((await inTime(clock, PATIENCE_MS, isConditionBad(database.db, subject))) === isBad) return;
      // Before the transaction, which keeps others from the embedded database.
      const found = await findOccasions();
      occasions = found;
      if (!(await inTime(clock, STORE_PATIENCE_MS, storeOnce(subject, isBad, found)))) return;
    } catch (error) {
      // What is well as far as this node ever knew may have been so all along.
      if (!isChange) return;
      logger.warn({ err: errorText(error), subject, isBad }, 'what changed is told without the database');
      for (const occasion of occasions ?? (await findOccasions())) await deps.tell(occasion);
    }
    await tellOperator();
  }

  async function guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      logger.error({ err: errorText(error) }, `nobody could be told of ${what}`);
    }
  }

  return {
    tellDestination: (change) =>
      guarded('a destination', async () => {
        const { destination, isDown, downSince, at, serves } = change;
        const isPublic = serves.some(({ kind }) => kind !== 'trunk');
        const names = serves.map(({ kind, name }) => `${name} (${kind})`).join(', ');
        await tellOnce(
          { subject: `destination:${destination}`, isBad: isDown, isChange: isDown || downSince !== null },
          () => destinationOccasions(change),
          async () => {
            if (!isPublic) return;
            await deps.tellOperator(
              `Waymark: ${destination} ${isDown ? 'does not answer' : 'answers again'}`,
              `${names}\n${isDown ? 'No answer' : 'Answers'} since ${at}${downSince !== null && !isDown ? `; it had not since ${downSince}` : ''}.\n`,
            );
          },
        );
      }),
    tellChannel: ({ lane, isDown, error }) =>
      guarded('a channel', async () => {
        const [channel = lane, connectionId] = lane.split(':', 2);
        // One browser out of reach is no news.
        if (channel === 'push') return;
        const connection = connectionId === undefined ? undefined : deps.connectionOf(connectionId);
        const at = new Date(clock.nowMs()).toISOString();
        const about = { channel, connection: connection?.name ?? null, isDown, since: at, error, at };
        // A gateway concerns whose it is, the mail server everybody.
        const concerned = (): readonly AlertOccasion[] => {
          const owners = connectionId === undefined ? [...deps.organizationsTold('delivery-failing')] : [];
          if (connection) owners.push(connection.organizationId);
          return owners.map((organizationId) => channelOccasion({ organizationId, ...about }));
        };
        await tellOnce({ subject: `channel:${lane}`, isBad: isDown, isChange: true }, concerned, () =>
          deps.tellOperator(
            `Waymark: alerts by ${lane} ${isDown ? 'are not taken' : 'are taken again'}`,
            `${connection ? `${connection.name}: ` : ''}${isDown ? 'not taken' : 'taken'} since ${at}${error === null ? '' : `: ${error}`}\n`,
          ),
        );
      }),
    tellOutcome: ({
      isGivenUp,
      kind,
      key,
      organizationId,
      locationId,
      recipient,
      recipientId,
      channel,
      callId,
      incidentId,
      error,
    }) =>
      guarded('an alert that was given up', async () => {
        if (!isGivenUp || organizationId === null || QUIET_KINDS.has(kind)) return;
        // Browsers that asked for themselves come and go, and are forgotten when they are gone.
        if (channel === 'push' && recipientId === null) return;
        await deps.tell(
          givenUpOccasion({
            key,
            organizationId,
            locationId,
            recipient,
            channel,
            about: [kind, callId ?? incidentId].filter(Boolean).join(' '),
            error: error ?? 'not taken',
            at: new Date(clock.nowMs()).toISOString(),
          }),
        );
      }),
  };
}
