/** What one document may cost, stated by whoever reads it; everything above is refused before it is worked on. */
export type XmlLimits = {
  /** Bytes of the whole document. */
  maxBytes: number;
  /** Elements in the whole document; 20,000 unless told. */
  maxElements?: number;
  /** Attributes of one element, namespace declarations included; 64 unless told. */
  maxAttributes?: number;
  /** Elements inside each other; 64 unless told. */
  maxDepth?: number;
};

/** For requests of phones and proxies: a query with a polygon of some thousand corners fits. */
export const REQUEST_LIMITS: XmlLimits = { maxBytes: 256 * 1024 };

/** For answers of other servers, which may carry a service boundary by value. */
export const ANSWER_LIMITS: XmlLimits = { maxBytes: 4 * 1024 * 1024, maxElements: 200_000 };
