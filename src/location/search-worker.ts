/** The thread that looks for parts of texts in large wire maps, away from the thread that answers calls. */
import { parentPort } from 'node:worker_threads';
import { lowerThreadPriority } from '../support/lower-priority.ts';
import { createSearchTexts, type SearchOrder, type SearchPage, type SearchTexts } from './search-texts.ts';

lowerThreadPriority();

/** Pages are collected under a name; a question is answered with ids, under its number. */
export type SearchMessage =
  | { what: 'append'; name: string; pages: readonly SearchPage[] }
  | { what: 'forget'; name: string }
  | {
      what: 'find';
      number: number;
      name: string;
      needle: string;
      kind: string | undefined;
      limit: number;
      order: SearchOrder;
    };
export type SearchAnswer = { number: number; ids: string[] };

const collected = new Map<string, SearchTexts>();

parentPort?.on('message', (message: SearchMessage) => {
  switch (message.what) {
    case 'append': {
      const texts = collected.get(message.name) ?? createSearchTexts();
      collected.set(message.name, texts);
      for (const page of message.pages) texts.append(page);
      break;
    }
    case 'forget':
      collected.delete(message.name);
      break;
    case 'find': {
      const { number, name, needle, kind, limit, order } = message;
      const answer: SearchAnswer = { number, ids: collected.get(name)?.find(needle, kind, limit, order) ?? [] };
      parentPort?.postMessage(answer);
    }
  }
});
