import { createAttemptLimit } from '../../support/attempt-limit.ts';
import { BoundedMap } from '../../support/bounded-map.ts';
import type { Clock } from '../../support/clock.ts';
import { sha256Hex } from '../../support/ids.ts';
import {
  ADDITIONAL_DATA_BLOCKS,
  type AdditionalDataBlock,
  additionalDataType,
  encodeComment,
  encodeProviderInfo,
  encodeServiceInfo,
  encodeSubscriberInfo,
  type ProviderInfo,
} from '../../wire/additional-data/additional-data.ts';
import { headerValues, type SipRequest } from '../../wire/sip/message.ts';
import type { CallLookups } from '../call-lookups.ts';
import type { Decision } from '../decision.ts';
import { LOCATION_COMMENTS } from './location-comment.ts';
import { type DataKey, type DataSubject, openSubject, sealSubject } from './seal-subject.ts';

/** Who we are to a PSAP (RFC 7852 §4.1), as the operator set it. */
export type Provider = Omit<ProviderInfo, 'reference'>;

/** A request as any HTTP server has it. */
export type DataRequest = {
  method: string;
  block: string;
  token: string;
  /** Where it came from, behind the trusted proxies. */
  sourceAddress: string;
};

export type DataAnswer = {
  status: number;
  contentType: string;
  headers: Readonly<Record<string, string>>;
  body: string;
};

export type AdditionalData = {
  /**
   * The Call-Info values to add to a call (RFC 7852 §6.1); none where no provider is set, this node has no key yet, or it is not reached by
   * HTTPS.
   */
  callInfo(request: SipRequest, decision: Decision): readonly string[];
  /** `GET /additional-data/<block>/<token>`. From memory; never throws. */
  handle(request: DataRequest): DataAnswer;
};

export type AdditionalDataDeps = {
  provider: Provider | undefined;
  keys: () => readonly DataKey[];
  lookups: Pick<CallLookups, 'findInOrganization' | 'site'>;
  clock: Pick<Clock, 'nowMs'>;
  /** WAYMARK_PUBLIC_URL. */
  publicUrl: () => string;
  /** Host of references to us. */
  sipDomain: string;
};

const HOUR_SECONDS = 3_600;
/** References live a day, and until the end of that hour, so that calls of one caller within the hour share theirs. */
const LIFETIME_HOURS = 24;
const REMEMBERED = 5_000;
/** Requests with tokens that are none, by address; right ones always pass. */
const FAILURES = { attempts: 20, windowMs: 60_000 };
const NOT_CACHED = { 'cache-control': 'private, no-store' } as const;
const TEXT_TYPE = 'text/plain;charset=utf-8';

/** Additional Data about calls (RFC 7852), by reference: who carries the call, what service it is, whose it is, and how it was located. */
export function createAdditionalData(deps: AdditionalDataDeps): AdditionalData {
  const { provider, clock } = deps;
  const failures = createAttemptLimit(clock, FAILURES);
  const made = new BoundedMap<string, readonly string[]>(REMEMBERED);

  function refuse(status: number, text: string, headers: Readonly<Record<string, string>> = {}): DataAnswer {
    return { status, contentType: TEXT_TYPE, headers: { ...NOT_CACHED, ...headers }, body: `${text}\n` };
  }

  function subscriberOf(
    { organizationId, caller, privacyRequested }: DataSubject,
    reference: string,
  ): string | undefined {
    if (organizationId === null || caller === null) return undefined;
    const known = deps.lookups.findInOrganization(organizationId, caller);
    if (!known) return undefined;
    const site = deps.lookups.site(organizationId, known.locationId, known.number);
    const numbers = new Set([known.number, known.callback.number].filter((number) => typeof number === 'string'));
    return encodeSubscriberInfo({
      reference,
      privacyRequested,
      kind: CARD_KINDS[known.kind ?? 'PEOPLE'],
      name: known.displayName || known.number || caller,
      organization: site?.name,
      numbers: [...numbers],
      extension: known.extension,
      address: site?.address,
    });
  }

  function encode(block: AdditionalDataBlock, subject: DataSubject, reference: string): string | undefined {
    switch (block) {
      case 'ProviderInfo':
        return provider && encodeProviderInfo({ ...provider, reference });
      case 'ServiceInfo':
        return encodeServiceInfo({
          reference,
          environment: 'Business',
          type: 'MLTS-hosted',
          mobility: subject.mobility,
        });
      case 'SubscriberInfo':
        return subscriberOf(subject, reference);
      case 'Comment':
        return subject.locatedBy === null
          ? undefined
          : encodeComment({ reference, language: 'en', text: LOCATION_COMMENTS[subject.locatedBy] });
    }
  }

  return {
    callInfo(request, decision) {
      const key = provider && deps.keys().at(-1);
      const base = deps.publicUrl().replace(/\/+$/, '');
      // RFC 7852 §6.1: personal data crosses no network in the clear.
      if (!key || !base.startsWith('https:')) return [];
      const hour = Math.floor(clock.nowMs() / 1_000 / HOUR_SECONDS);
      const subject: DataSubject = {
        organizationId: decision.organizationId,
        caller: decision.known ? (decision.known.number ?? decision.known.extension ?? null) : null,
        mobility: mobilityOf(decision),
        locatedBy: decision.location?.source ?? 'nothing',
        privacyRequested: headerValues(request, 'Privacy').some((value) => !/^none$/i.test(value.trim())),
        expiresSeconds: (hour + 1 + LIFETIME_HOURS) * HOUR_SECONDS,
      };
      const name = Object.values(subject).join(' ');
      const known = made.get(name);
      if (known) return known;
      const token = sealSubject(key, subject);
      const blocks = ADDITIONAL_DATA_BLOCKS.filter((block) => block !== 'SubscriberInfo' || subject.caller !== null);
      const values = blocks.map(
        (block) => `<${base}/additional-data/${block}/${token}>;purpose=EmergencyCallData.${block}`,
      );
      made.set(name, values);
      return values;
    },

    handle({ method, block: wanted, token, sourceAddress }) {
      if (method !== 'GET') return refuse(405, 'Additional Data is fetched by GET (RFC 7852).', { allow: 'GET' });
      const subject = openSubject(deps.keys(), token);
      if (!subject) {
        const waitSeconds = failures.take(sourceAddress);
        if (waitSeconds === undefined) return refuse(404, 'No such reference.');
        return refuse(429, 'Too many requests for references that are none.', { 'retry-after': String(waitSeconds) });
      }
      if (subject.expiresSeconds * 1_000 <= clock.nowMs()) return refuse(410, 'The reference has expired.');
      const block = ADDITIONAL_DATA_BLOCKS.find((one) => one === wanted);
      // One reference for all blocks of a call, so that a PSAP sees that one provider gave them (§4.1.1).
      const reference = `${sha256Hex(token).slice(0, 16)}@${deps.sipDomain}`;
      const body = block && encode(block, subject, reference);
      if (!block || body === undefined) return refuse(404, 'Nothing is known of that.');
      return { status: 200, contentType: additionalDataType(block), headers: NOT_CACHED, body };
    },
  };
}

const CARD_KINDS = {
  PEOPLE: 'individual',
  PLACE: 'location',
  VIRTUAL_LINE: 'individual',
  HUNT_GROUP: 'group',
} as const;

/** A place of ours does not move; what a call conveyed itself may have come from anywhere. */
function mobilityOf({ isNomadic, location }: Decision): DataSubject['mobility'] {
  if (isNomadic) return 'Nomadic';
  return typeof location?.locationId === 'string' ? 'Fixed' : 'Unknown';
}
