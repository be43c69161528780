import type { PhonePlan } from './sipp.ts';

const SDP = 'v=0\no=phone 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 40000 RTP/AVP 0';

type Body = NonNullable<PhonePlan['body']>;

/** A multipart body of these parts, each with its headers. */
function multipartBody(...parts: readonly (readonly [headers: string, content: string])[]): Body {
  const text = parts.map(([headers, content]) => `--part\n${headers}\n\n${content}\n\n`).join('');
  return { contentType: 'multipart/mixed;boundary=part', text: `${text}--part--` };
}

/** An offer and a location, which `Geolocation: <cid:here@example.com>` refers to (RFC 6442 §3.2). */
export function locatedBody(document: string): Body {
  return multipartBody(
    ['Content-Type: application/sdp', SDP],
    ['Content-Type: application/pidf+xml\nContent-ID: <here@example.com>', document],
  );
}
