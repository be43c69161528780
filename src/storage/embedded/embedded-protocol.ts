/** Messages between the main thread and the thread that owns the embedded database. */
export type EmbeddedRequest =
  | { id: number; kind: 'query'; sql: string; parameters: readonly unknown[] }
  /** Several statements without parameters (schema scripts). */
  | { id: number; kind: 'script'; sql: string }
  | { id: number; kind: 'dump' }
  | { id: number; kind: 'close' };

export type EmbeddedRows = { rows: Record<string, unknown>[]; rowCount: number; command: string };

export type EmbeddedFailure = {
  message: string;
  code?: string;
  detail?: string;
  constraint?: string;
  table?: string;
};

export type EmbeddedReply =
  | { kind: 'ready' }
  | { kind: 'fatal'; message: string }
  | { kind: 'notification'; channel: string; payload: string }
  | { kind: 'result'; id: number; result: EmbeddedRows }
  | { kind: 'dumped'; id: number; tarball: Uint8Array }
  | { kind: 'closed'; id: number }
  | { kind: 'failed'; id: number; failure: EmbeddedFailure };

export type EmbeddedWorkerData = {
  /** Folder of the cluster; undefined keeps everything in memory. */
  dataDir: string | undefined;
  /** A dump to start from (restore). */
  loadFrom: Uint8Array | undefined;
  /** Channels to LISTEN on from the start. */
  channels: readonly string[];
};
