/** Where a message waits for its turn. */
export type Turn = { lane: string; organization: string; target: string; isUrgent: boolean };

/**
 * Whose message is next: urgent before others, then lane by lane, organization by organization and target by target, each in
 * its turn; of one target in the order of arrival. Nobody's backlog stands before somebody else's first message.
 */
export type MessageTurns<Item> = {
  add(item: Item, turn: Turn): void;
  /** Takes an item out that has not had its turn; false: it is not here. */
  remove(item: Item, turn: Turn): boolean;
  /** The next whose lane and target have room; it occupies a place in both until `end`. `mayPass` is asked last. */
  take(mayPass: (lane: string) => boolean): Item | undefined;
  end(turn: Turn): void;
  readonly waiting: number;
};

/** While urgent messages wait, every so many turns one of the others is taken: they come later, not never. */
const OTHERS_EVERY = 8;

type Line<Item> = Turn & { items: Set<Item> };
/** Lines of one organization that have items and room. */
type Organization<Item> = Set<Line<Item>>;
type Lane<Item> = {
  name: string;
  underWay: number;
  urgent: Map<string, Organization<Item>>;
  others: Map<string, Organization<Item>>;
};

const lineName = ({ isUrgent, organization }: Turn): string => `${isUrgent ? '!' : ''}${organization}`;
const placeOf = ({ lane, target }: Turn): string => `${lane} ${target}`;

export function createMessageTurns<Item>(limits: { perLane: number; perTarget: number }): MessageTurns<Item> {
  const lanes = new Map<string, Lane<Item>>();
  /** By place: the lines of all who wait for the same target. */
  const lines = new Map<string, Map<string, Line<Item>>>();
  const underWay = new Map<string, number>();
  let waiting = 0;
  let sinceOthers = 0;

  function laneOf(name: string): Lane<Item> {
    let lane = lanes.get(name);
    if (lane === undefined) {
      lane = { name, underWay: 0, urgent: new Map(), others: new Map() };
      lanes.set(name, lane);
    }
    return lane;
  }

  /** Lets a line take part in the turns again if it has anything to say and room to say it. */
  function offer(line: Line<Item>): void {
    if (line.items.size === 0 || (underWay.get(placeOf(line)) ?? 0) >= limits.perTarget) return;
    const lane = laneOf(line.lane);
    const organizations = line.isUrgent ? lane.urgent : lane.others;
    const known = organizations.get(line.organization);
    if (known) known.add(line);
    else organizations.set(line.organization, new Set([line]));
  }

  function withdraw(line: Line<Item>): void {
    const lane = lanes.get(line.lane);
    const organizations = line.isUrgent ? lane?.urgent : lane?.others;
    const offered = organizations?.get(line.organization);
    if (!offered?.delete(line)) return;
    if (offered.size === 0) organizations?.delete(line.organization);
  }

  function dropLine(line: Line<Item>): void {
    const place = placeOf(line);
    const atPlace = lines.get(place);
    atPlace?.delete(lineName(line));
    if (atPlace?.size === 0) lines.delete(place);
  }

  function firstOf(organizations: Map<string, Organization<Item>>): Line<Item> | undefined {
    const [organization] = organizations.values();
    const [line] = organization ?? [];
    return line;
  }

  function takeFrom(lane: Lane<Item>, line: Line<Item>): Item | undefined {
    const [item] = line.items;
    if (item === undefined) return undefined;
    line.items.delete(item);
    waiting--;
    lane.underWay++;
    underWay.set(placeOf(line), (underWay.get(placeOf(line)) ?? 0) + 1);
    // To the end of every row in which it stood.
    const organizations = line.isUrgent ? lane.urgent : lane.others;
    const organization = organizations.get(line.organization);
    organizations.delete(line.organization);
    organization?.delete(line);
    if (organization && organization.size > 0) organizations.set(line.organization, organization);
    lanes.delete(lane.name);
    lanes.set(lane.name, lane);
    offer(line);
    if (line.items.size === 0) dropLine(line);
    return item;
  }

  function takeOf(kind: 'urgent' | 'others', mayPass: (lane: string) => boolean): Item | undefined {
    for (const lane of lanes.values()) {
      if (lane.underWay >= limits.perLane) continue;
      const line = firstOf(lane[kind]);
      if (line === undefined || !mayPass(lane.name)) continue;
      return takeFrom(lane, line);
    }
    return undefined;
  }

  return {
    add(item, turn) {
      const place = placeOf(turn);
      let atPlace = lines.get(place);
      if (atPlace === undefined) {
        atPlace = new Map();
        lines.set(place, atPlace);
      }
      const name = lineName(turn);
      let line = atPlace.get(name);
      if (line === undefined) {
        line = { ...turn, items: new Set() };
        atPlace.set(name, line);
      }
      line.items.add(item);
      waiting++;
      offer(line);
    },
    remove(item, turn) {
      const line = lines.get(placeOf(turn))?.get(lineName(turn));
      if (!line?.items.delete(item)) return false;
      waiting--;
      if (line.items.size === 0) {
        withdraw(line);
        dropLine(line);
      }
      return true;
    },
    take(mayPass) {
      if (waiting === 0) return undefined;
      const isOthersTurn = sinceOthers >= OTHERS_EVERY;
      const others = isOthersTurn ? takeOf('others', mayPass) : undefined;
      if (isOthersTurn) sinceOthers = 0;
      if (others !== undefined) return others;
      const urgent = takeOf('urgent', mayPass);
      if (urgent !== undefined) {
        sinceOthers++;
        return urgent;
      }
      return takeOf('others', mayPass);
    },
    end(turn) {
      const lane = lanes.get(turn.lane);
      if (lane) lane.underWay--;
      const place = placeOf(turn);
      const left = (underWay.get(place) ?? 1) - 1;
      if (left > 0) underWay.set(place, left);
      else underWay.delete(place);
      // Several organizations may tell the same target: all their lines wait for the same room.
      for (const line of lines.get(place)?.values() ?? []) offer(line);
      if (lane?.underWay === 0 && lane.urgent.size === 0 && lane.others.size === 0) lanes.delete(lane.name);
    },
    get waiting() {
      return waiting;
    },
  };
}
