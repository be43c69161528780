import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { createMediaSessions, type MediaReport, type MediaSession, type MediaStream } from './media-sessions.ts';
import { createRtpPortsOn } from './rtp-ports.ts';

/** What the media thread is started with. */
export type MediaWorkerData = { hosts: readonly string[]; from: number; to: number };

/** What the thread is asked, of the session `id`. */
export type MediaRequest =
  | { kind: 'open'; id: number; signallingAddress: string | undefined }
  | { kind: 'follow'; id: number; stream: MediaStream }
  | { kind: 'append'; id: number; pcm: Int16Array }
  | { kind: 'finish'; id: number; mark: number }
  | { kind: 'clear' | 'close'; id: number };

/** What the thread tells. */
export type MediaReply =
  | { kind: 'opened'; id: number; address: string; port: number }
  | { kind: 'refused'; id: number; reason: string }
  | { kind: 'played'; id: number; report: MediaReport; mark: number }
  | { kind: 'closed'; id: number; report: MediaReport }
  | { kind: 'key'; id: number; key: string }
  | { kind: 'warning'; reason: string };

if (!parentPort) throw new Error('runs only as a worker thread');
const toMain = parentPort;
const { hosts, from, to } = workerData as MediaWorkerData;

function tell(reply: MediaReply): void {
  toMain.postMessage(reply);
}

const ports = createRtpPortsOn({
  hosts,
  from,
  to,
  logger: { warn: (details: unknown) => tell({ kind: 'warning', reason: JSON.stringify(details) }) },
});
const sessions = createMediaSessions({ ports, clock: systemClock });
const open = new Map<number, MediaSession>();
/** Sessions that are being opened, and whether nobody waits for them any more. */
const opening = new Map<number, { isUnwanted: boolean }>();

async function openSession(id: number, signallingAddress: string | undefined): Promise<void> {
  const state = { isUnwanted: false };
  opening.set(id, state);
  try {
    const session = await sessions.open(signallingAddress, {
      played: (report, mark) => tell({ kind: 'played', id, report, mark }),
      key: (key) => tell({ kind: 'key', id, key }),
      failed: (reason) => tell({ kind: 'warning', reason }),
    });
    if (state.isUnwanted) {
      await session.close();
      return;
    }
    open.set(id, session);
    tell({ kind: 'opened', id, address: session.address, port: session.port });
  } catch (error) {
    tell({ kind: 'refused', id, reason: errorText(error) });
  } finally {
    opening.delete(id);
  }
}

async function closeSession(id: number, session: MediaSession): Promise<void> {
  open.delete(id);
  tell({ kind: 'closed', id, report: await session.close() });
}

toMain.on('message', (request: MediaRequest) => {
  if (request.kind === 'open') {
    void openSession(request.id, request.signallingAddress);
    return;
  }
  const session = open.get(request.id);
  if (!session) {
    const state = opening.get(request.id);
    if (state && request.kind === 'close') state.isUnwanted = true;
    return;
  }
  if (request.kind === 'follow') session.follow(request.stream);
  else if (request.kind === 'append') session.append(request.pcm);
  else if (request.kind === 'close') void closeSession(request.id, session);
  else if (request.kind === 'finish') session.finish(request.mark);
  else session.clear();
});
