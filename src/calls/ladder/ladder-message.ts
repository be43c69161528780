/** One message of a call's SIP ladder, as it is stored and shown. Addresses are `host:port`. */
export type LadderMessage = {
  /** ISO 8601, when it came in or was handed out. */
  at: string;
  direction: 'in' | 'out';
  protocol: string;
  from: string;
  to: string;
  startLine: string;
  cseq: string | null;
  /** Of the top Via. */
  branch: string | null;
  /** As written by this element; a received message may have been longer (compact names, folds). */
  sizeBytes: number;
  /** How often the same message came, or was sent, again. */
  retransmissions: number;
  /** Why it could not be sent; null when it could. */
  failure: string | null;
  /** The whole message without what is secret or tells a place; null beyond the first messages of a call. */
  text: string | null;
};

/** How much of a message is kept: nothing, its first line and figures, or its text as well. */
export type LadderDetail = 'off' | 'lines' | 'texts';
