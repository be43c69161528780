import type { Config } from '../config/config.ts';
import { readOperatorFile } from '../demonstration/operator-file.ts';
import { type ApiClient, ApiError, createApiClient } from '../transport/api-client.ts';

/** A connection to the platform for one command, and how to end it. */
export type Session = {
  api: ApiClient;
  /** No server was running: this one ends with the command and takes no calls. */
  momentary: boolean;
  close(): Promise<void>;
};

/** Starts a platform for the moment on free loopback ports (decision 30). */
export type StartForTheMoment = () => Promise<{ baseUrl: string; token: string; close(): Promise<void> }>;

async function answers(api: ApiClient): Promise<boolean> {
  try {
    await api.request('GET', '/api/organizations?max=1');
    return true;
  } catch (error) {
    // An answer of any kind means that somebody is there; only silence means that nobody is.
    if (error instanceof ApiError) throw error;
    return false;
  }
}

/** Speaks to the running server of this data folder, or to one started for the moment when none runs. */
export async function openSession(config: Config, start: StartForTheMoment): Promise<Session> {
  const file = await readOperatorFile(config.dataDir);
  if (file) {
    const api = createApiClient(file);
    if (await answers(api)) return { api, momentary: false, close: () => Promise.resolve() };
  }
  const own = await start();
  return { api: createApiClient(own), momentary: true, close: () => own.close() };
}
