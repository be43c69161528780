/** The part of sdp-transform 3.0.0 that is used here; the package brings no types. Numbers that look like integers are parsed. */
declare module 'sdp-transform' {
  export type ParsedMedia = {
    type?: string | number;
    port?: string | number;
    protocol?: string | number;
    payloads?: string | number;
    rtp: { payload?: string | number; codec?: string | number; rate?: string | number; encoding?: string | number }[];
    fmtp: { payload: number; config: string }[];
    connection?: { version?: string | number; ip?: string | number };
    direction?: string;
    ptime?: string | number;
    maxptime?: string | number;
  };
  export type ParsedSession = {
    version?: string | number;
    origin?: {
      username: string;
      sessionId: string | number;
      sessionVersion: string | number;
      netType: string;
      ipVer: string | number;
      address: string;
    };
    name?: string | number;
    timing?: { start: string | number; stop: string | number };
    connection?: { version?: string | number; ip?: string | number };
    direction?: string;
    media: ParsedMedia[];
  };
  export function parse(sdp: string): ParsedSession;
  export function write(session: ParsedSession): string;
}
