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
import { noteCondition } from './condition-records.ts';
import { channelOccasion, destinationOccasion, givenUpOccasion } from './news-occasions.ts';

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
/** What would tell of itself, again and again. */
const QUIET_KINDS: ReadonlySet<string> = new Set(['delivery-failing', 'alarm', 'invitation']);

export function createTroubleTelling(deps: TroubleTellingDeps): TroubleTelling {
  const { database, places, routing, clock, logger } = deps;

  /** Locations of an organization whose emergency calls go to one of these; one more than are told by themselves at most. */
  function locationsServed(organizationId: string, uris: ReadonlySet<string>): string[] {
    const served: string[] = [];
    for (const location of uris.size === 0 ? [] : places.locationsOf(organizationId).slice(0, MAX_LOOKED_AT)) {
      if (served.length > MAX_LOCATIONS) break;
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
  function destinationOccasions(change: DestinationTrouble): AlertOccasion[] {
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
      const served = locationsServed(organizationId, uris);
      if (!isRelay && !owners.has(organizationId) && served.length === 0) continue;
      const locationIds = served.length > MAX_LOCATIONS ? [] : served;
      for (const locationId of [null, ...locationIds]) {
        occasions.push(destinationOccasion({ ...news, organizationId, locationId }));
      }
    }
    return occasions;
  }

  /** Tells it once, however many nodes see it; without the database each tells what it sees. */
  async function tellOnce(
    condition: { subject: string; isBad: boolean },
    occasions: () => readonly AlertOccasion[],
    tellOperator: () => Promise<void>,
  ): Promise<void> {
    let isNews = true;
    let sendNow: SendNow[] = [];
    try {
      isNews = await database.db.transaction().execute(async (tx) => {
        if (!(await noteCondition(tx, condition.subject, condition.isBad, new Date(clock.nowMs())))) return false;
        sendNow = [];
        for (const occasion of occasions()) sendNow.push(await deps.enqueueOccasion(tx, occasion));
        return true;
      });
      for (const send of sendNow) send();
    } catch (error) {
      logger.warn(
        { err: errorText(error), ...condition },
        'what went wrong, or is well again, is told without the database',
      );
      for (const occasion of occasions()) await deps.tell(occasion);
    }
    if (isNews) await tellOperator();
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
          { subject: `destination:${destination}`, isBad: isDown },
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
        const connection = connectionId === undefined ? undefined : deps.connectionOf(connectionId);
        const at = new Date(clock.nowMs()).toISOString();
        const about = { channel, connection: connection?.name ?? null, isDown, since: at, error, at };
        // A gateway concerns whose it is, the mail server everybody.
        const concerned = (): readonly AlertOccasion[] => {
          const owners = connectionId === undefined ? [...deps.organizationsTold('delivery-failing')] : [];
          if (connection) owners.push(connection.organizationId);
          return owners.map((organizationId) => channelOccasion({ organizationId, ...about }));
        };
        await tellOnce({ subject: `channel:${lane}`, isBad: isDown }, concerned, () =>
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
