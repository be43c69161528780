/**
 * What happened, where it is no call: the sentences that `AlertNews` may name, with the values each can be told with. A value
 * that the sentence does not take stands in a line below it.
 *
 * - `undefined-elements`: devices were seen at network elements that the wire map does not hold: `count`, `elements`, `firstSeen`.
 * - `destination-unreachable`, `destination-reachable`: a PSAP or relay centre does not answer, or does again: `destination`, `since`, `error`.
 * - `delivery-given-up`: one alert was given up: `recipient`, `channel`, `about`, `error`.
 * - `channel-failing`, `channel-working`: a channel or one gateway takes nothing, or does again: `channel`, `connection`, `since`, `error`.
 * - `stage-completed`, `opted-out`, `came-back`: `who` (the organization's or location's name), `stage`, `by`.
 * - `drill`: `by`, `note`.
 * - `acknowledged`: somebody takes care of an incident: `by`, `about`, `note`.
 */
const NEWS_SENTENCES = [
  'undefined-elements',
  'destination-unreachable',
  'destination-reachable',
  'delivery-given-up',
  'channel-failing',
  'channel-working',
  'stage-completed',
  'opted-out',
  'came-back',
  'drill',
  'acknowledged',
] as const;
export type NewsSentence = (typeof NEWS_SENTENCES)[number];

const NEWS_VALUES = [
  'count',
  'elements',
  'firstSeen',
  'destination',
  'since',
  'error',
  'recipient',
  'channel',
  'connection',
  'about',
  'who',
  'stage',
  'by',
  'note',
  'site',
] as const;
export type NewsValue = (typeof NEWS_VALUES)[number];

const SENTENCES: ReadonlySet<string> = new Set(NEWS_SENTENCES);
const VALUES: ReadonlySet<string> = new Set(NEWS_VALUES);

export function isNewsSentence(text: string): text is NewsSentence {
  return SENTENCES.has(text);
}

export function isNewsValue(text: string): text is NewsValue {
  return VALUES.has(text);
}
