import type { SipTarget } from '../../transport/sip-flow.ts';
import { headerValues, removeHeader, type SipRequest, type SipResponse, setHeader } from '../../wire/sip/message.ts';
import { readNameAddr } from '../../wire/sip/name-addr.ts';
import { paramValue } from '../../wire/sip/params.ts';
import { readSipUri } from '../../wire/sip/uri.ts';
import type { Candidate } from '../decision.ts';

/** One destination that waits for its turn. */
export type QueuedDestination = {
  candidate: Candidate;
  /** The relay centre once more, when everything else was tried: it gets all the time that SIP allows. */
  isLastResort: boolean;
  /** Addresses of the destination that are left; null: it has not been resolved yet. */
  targets: readonly SipTarget[] | null;
  /** What it gets in place of the call as everybody else gets it, because it refused that. */
  request?: SipRequest;
};

/** The destinations of a call in the order in which they are tried. */
export type DestinationQueue = {
  next(): QueuedDestination | undefined;
  /** Further addresses of the destination that is being tried: they come before any other destination (RFC 3263 §4.3). */
  tryNext(destination: QueuedDestination): void;
  /**
   * Puts the contacts of a redirection in front, best first; each URI once per call, five per call. Answers the response with
   * the contacts that nobody follows (RFC 3261 §16.7 step 4); undefined when none is left.
   */
  follow(candidate: Candidate, response: SipResponse): SipResponse | undefined;
  clear(): void;
};

const MAX_REDIRECTIONS = 5;

/** `hasLastResort`: when all is tried, the relay centre, else the first, is tried once more. */
export function createDestinationQueue(
  candidates: readonly [Candidate, ...Candidate[]],
  { hasLastResort = true }: { hasLastResort?: boolean } = {},
): DestinationQueue {
  // RFC 3261 §16.5: a target set has each URI once.
  const known = new Set<string>();
  const tried = candidates.filter(({ uri }) => !known.has(uri) && known.add(uri));
  const waiting: QueuedDestination[] = tried.map((candidate) => ({ candidate, isLastResort: false, targets: null }));
  if (hasLastResort) waiting.push({ candidate: lastResort(candidates), isLastResort: true, targets: null });
  let redirections = 0;

  return {
    next: () => waiting.shift(),
    tryNext: (destination) => void waiting.unshift(destination),
    follow(candidate, response) {
      const followed: { uri: string; quality: number }[] = [];
      const left: string[] = [];
      for (const value of headerValues(response, 'Contact')) {
        const contact = readNameAddr(value);
        if (contact && known.has(contact.uri)) continue;
        if (!contact || !readSipUri(contact.uri) || redirections >= MAX_REDIRECTIONS) {
          left.push(value);
          continue;
        }
        redirections++;
        known.add(contact.uri);
        followed.push({ uri: contact.uri, quality: qualityOf(paramValue(contact.params, 'q')) });
      }
      followed.sort((one, other) => other.quality - one.quality);
      const reason = `${candidate.name} redirected the call`;
      waiting.unshift(
        ...followed.map(({ uri }) => ({
          candidate: { ...candidate, uri, reason },
          isLastResort: false,
          targets: null,
        })),
      );
      return left.length === 0 ? undefined : setHeader(removeHeader(response, 'Contact'), 'Contact', left.join(', '));
    },
    clear: () => void waiting.splice(0),
  };
}

function lastResort(candidates: readonly [Candidate, ...Candidate[]]): Candidate {
  return candidates.find(({ kind }) => kind === 'relay') ?? candidates[0];
}

/** RFC 3261 §20.10: between 0 and 1, 1 when it is absent; an unreadable one counts as absent. */
function qualityOf(text: string | undefined): number {
  if (text === undefined || !/^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(text)) return 1;
  return Number(text);
}
