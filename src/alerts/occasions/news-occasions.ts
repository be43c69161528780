import type { CompletedStage } from '../../domain/stage.ts';
import type { AlertNews, AlertOccasion } from '../alert-occasion.ts';

/** A stage that was completed, or the service that was left or entered again. */
export type StageNews = {
  organizationId: string;
  /** null: the organization. */
  locationId: string | null;
  change: 'advanced' | 'opted-out' | 'returned';
  completed: CompletedStage;
  by: string;
  at: Date;
};

/** Network elements that devices named and the wire map does not hold, and of which nobody was told within a day. */
export type UnmappedNews = {
  organizationId: string;
  /** How many there are; `elements` names the first of them. */
  count: number;
  elements: readonly string[];
  firstSeenAt: Date;
};

const MAX_VALUE = 500;

/** What a sentence says; longer texts are cut, for a message is read on a telephone. */
function newsOf(sentence: string, values: Readonly<Record<string, string | null>>): AlertNews {
  const told = Object.entries(values).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === '') return [];
    const characters = Array.from(value);
    return [[name, characters.length <= MAX_VALUE ? value : `${characters.slice(0, MAX_VALUE - 1).join('')}…`]];
  });
  return { sentence, values: Object.fromEntries(told) };
}

const SENTENCE_OF_CHANGE: Readonly<Record<StageNews['change'], string>> = {
  advanced: 'stage-completed',
  'opted-out': 'opted-out',
  returned: 'came-back',
};

/** `who`: the name of the organization or location. */
export function stageOccasion(news: StageNews, who: string): AlertOccasion {
  const { organizationId, locationId, change, completed, by, at } = news;
  const subject = locationId === null ? `organization:${organizationId}` : `location:${locationId}`;
  return {
    // A stage can be completed again after an opt-out: the moment belongs to what it is about.
    subjectId: `stage:${subject}:${at.getTime()}`,
    moment: 'stage-changed',
    triggers: ['stage-changed'],
    organizationId,
    place: { locationId, responseLocationId: null },
    at: at.toISOString(),
    call: null,
    news: newsOf(SENTENCE_OF_CHANGE[change], { who, stage: completed, by }),
  };
}

export function unmappedOccasion(news: UnmappedNews, now: Date): AlertOccasion {
  return {
    subjectId: `unmapped:${news.organizationId}:${now.getTime()}`,
    moment: 'undefined-element',
    triggers: ['undefined-element'],
    organizationId: news.organizationId,
    place: { locationId: null, responseLocationId: null },
    at: now.toISOString(),
    call: null,
    news: newsOf('undefined-elements', {
      count: String(news.count),
      elements: news.elements.join(', '),
      firstSeen: news.firstSeenAt.toISOString(),
    }),
  };
}

/** A destination of calls that does not answer, or does again, as one organization hears of it. */
export function destinationOccasion(news: {
  organizationId: string;
  locationId: string | null;
  destination: string;
  isDown: boolean;
  downSince: string | null;
  at: string;
}): AlertOccasion {
  const { destination, isDown, downSince, at } = news;
  return {
    subjectId: `destination:${destination}:${isDown ? 'down' : 'up'}:${at}`.slice(-200),
    moment: 'destination-unreachable',
    triggers: ['destination-unreachable'],
    organizationId: news.organizationId,
    place: { locationId: news.locationId, responseLocationId: null },
    at,
    call: null,
    news: newsOf(isDown ? 'destination-unreachable' : 'destination-reachable', { destination, since: downSince }),
  };
}

/** An alert that was given up. */
export function givenUpOccasion(news: {
  key: string;
  organizationId: string;
  /** Where that happened of which it told. */
  locationId: string | null;
  recipient: string;
  channel: string;
  /** What the alert was about. */
  about: string;
  error: string;
  at: string;
}): AlertOccasion {
  const { key, organizationId, locationId, at, ...values } = news;
  return {
    subjectId: `given-up:${key}`,
    moment: 'delivery-failing',
    triggers: ['delivery-failing'],
    organizationId,
    place: { locationId, responseLocationId: null },
    at,
    call: null,
    news: newsOf('delivery-given-up', values),
  };
}

/** A channel, or one gateway of it, that takes nothing, or does again. */
export function channelOccasion(news: {
  organizationId: string;
  channel: string;
  connection: string | null;
  isDown: boolean;
  since: string | null;
  error: string | null;
  at: string;
}): AlertOccasion {
  const { organizationId, channel, connection, isDown, since, error, at } = news;
  return {
    subjectId: `channel:${channel}:${connection ?? ''}:${isDown ? 'down' : 'up'}:${at}`.slice(-200),
    moment: 'delivery-failing',
    triggers: ['delivery-failing'],
    organizationId,
    place: { locationId: null, responseLocationId: null },
    at,
    call: null,
    news: newsOf(isDown ? 'channel-failing' : 'channel-working', { channel, connection, since, error }),
  };
}

/** Whether it says that something is well again: good to know, nothing to act on. */
export function isRelief({ news }: AlertOccasion): boolean {
  return news !== null && (news.sentence === 'destination-reachable' || news.sentence === 'channel-working');
}
