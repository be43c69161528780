import ipaddr from 'ipaddr.js';
import type { MediaEndpoint } from '../sdp/session-description.ts';

/** Where the audio of one call may go. */
export type MediaPeer = {
  /** A description of the phone names where it takes audio; one that differs from the last outranks what was heard. */
  describe(remote: MediaEndpoint): void;
  /** A packet of this call's format arrived; true when it counts as the phone's. */
  hear(from: MediaEndpoint, packet: { ssrc: number; sequenceNumber: number }, nowMs: number): boolean;
  /**
   * Where to send now. Unproven: only silence may go there, and only for three seconds. Null: nowhere.
   */
  destination(nowMs: number): { to: MediaEndpoint; isProven: boolean } | null;
};

/** How long silence is sent to an address that nothing vouches for: enough to open a NAT or a media relay. */
const PROBE_MS = 3_000;
/** In that time after the description a phone behind a NAT may show up from an address that nobody named. */
const STRANGER_MS = 10_000;
/** So many packets in a row must come from there: one that was only lucky with the port does not know the numbers. */
const STRANGER_PACKETS = 5;
/** Below are services that answer whatever they get, and never phones. */
const FIRST_MEDIA_PORT = 1024;

const REACHED_FROM_INSIDE_ONLY: ReadonlySet<string> = new Set([
  'private',
  'carrierGradeNat',
  'linkLocal',
  'uniqueLocal',
  'loopback',
]);
const NEAR_ONLY: ReadonlySet<string> = new Set(['loopback', 'linkLocal']);
const NOWHERE: ReadonlySet<string> = new Set(['unspecified', 'multicast', 'broadcast', 'reserved']);

type Stranger = { source: MediaEndpoint; ssrc: number; sequenceNumber: number; packets: number };

/**
 * Decides where audio goes, so that nobody can point a call at somebody else (decision 65). Proven is the address that the
 * signalling comes from, because its ACK repeated a tag that only it was told; and every address that sends this call's audio. A phone behind
 * a NAT is followed to where its packets come from, once (RFC 4961).
 */
export function createMediaPeer({ signallingAddress }: { signallingAddress: string | undefined }): MediaPeer {
  let described: MediaEndpoint | undefined;
  let heardAt: MediaEndpoint | undefined;
  let describedMs: number | undefined;
  let stranger: Stranger | undefined;
  let isContested = false;

  function isNamed(address: string): boolean {
    return address === described?.address || address === signallingAddress;
  }

  /** A source that neither signalling nor description named: only where the described address cannot be reached from outside. */
  function hearStranger(from: MediaEndpoint, ssrc: number, sequenceNumber: number, nowMs: number): boolean {
    describedMs ??= nowMs;
    const isPossible = described !== undefined && REACHED_FROM_INSIDE_ONLY.has(rangeOf(described.address));
    if (!isPossible || isContested || nowMs - describedMs > STRANGER_MS) return false;
    if (stranger && !isSame(stranger.source, from)) {
      // Two claim to be the phone: neither is believed.
      isContested = true;
      return false;
    }
    const isNext = stranger?.ssrc === ssrc && sequenceNumber === ((stranger.sequenceNumber + 1) & 0xffff);
    stranger = { source: from, ssrc, sequenceNumber, packets: isNext && stranger ? stranger.packets + 1 : 1 };
    if (stranger.packets < STRANGER_PACKETS) return false;
    heardAt = from;
    return true;
  }

  return {
    describe(remote) {
      if (described && isSame(described, remote)) return;
      described = remote;
      heardAt = undefined;
      describedMs = undefined;
      stranger = undefined;
      isContested = false;
    },
    hear(from, { ssrc, sequenceNumber }, nowMs) {
      if (heardAt) return isSame(heardAt, from);
      if (from.port < FIRST_MEDIA_PORT) return false;
      if (!isNamed(from.address)) return hearStranger(from, ssrc, sequenceNumber, nowMs);
      heardAt = from;
      return true;
    },
    destination(nowMs) {
      if (heardAt) return { to: heardAt, isProven: true };
      if (!described || described.port < FIRST_MEDIA_PORT) return null;
      if (described.address === signallingAddress) return { to: described, isProven: true };
      const range = rangeOf(described.address);
      if (NOWHERE.has(range)) return null;
      // Our own side of the network is nothing a phone elsewhere may point at.
      if (NEAR_ONLY.has(range) && rangeOf(signallingAddress ?? '') !== range) return null;
      describedMs ??= nowMs;
      return nowMs - describedMs < PROBE_MS ? { to: described, isProven: false } : null;
    },
  };
}

function isSame(one: MediaEndpoint, other: MediaEndpoint): boolean {
  return one.address === other.address && one.port === other.port;
}

function rangeOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).range() : 'reserved';
}
