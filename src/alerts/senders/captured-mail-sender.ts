import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../support/atomic-file.ts';
import type { Clock } from '../../support/clock.ts';
import type { AlertSender } from './alert-sender.ts';
import { readMailHeaders } from './read-mail-headers.ts';
import { createMailWriting } from './write-mail.ts';

/** A mail that was kept instead of sent. */
export type CapturedMail = { file: string; to: string; subject: string; date: string; messageId: string };

export type CapturedMailSender = AlertSender & {
  /** The newest `max` mails, newest last. */
  list(max: number): Promise<CapturedMail[]>;
  /** One mail as it would have left; undefined when there is none of that name. */
  read(file: string): Promise<string | undefined>;
};

const FILE_NAME = /^\d{8}T\d{9}Z-\d{6}-[0-9a-f]{8}\.eml$/;
const HEADER_BYTES = 8_192;
const KEEP_AT_MOST = 10_000;
const CHECK_EVERY = 100;

/** Keeps mail as `<folder>/<time>-<number>-<key>.eml`, newest last by name, where no mail server is configured. */
export function createCapturedMailSender(deps: { folder: string; mailFrom: string; clock: Clock }): CapturedMailSender {
  const { folder, clock } = deps;
  const writing = createMailWriting(deps.mailFrom);
  let number = 0;

  async function fileNames(): Promise<string[]> {
    try {
      return (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  async function forgetOldest(): Promise<void> {
    const names = await fileNames();
    for (const name of names.slice(0, Math.max(0, names.length - KEEP_AT_MOST)))
      await rm(join(folder, name), { force: true });
  }

  async function readHead(name: string): Promise<string> {
    const file = await open(join(folder, name), 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }

  return {
    async send(alert) {
      const mail = Buffer.concat(writing.write(alert).pieces).toString('utf8').replaceAll('\r\n', '\n');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      number += 1;
      const time = new Date(clock.nowMs()).toISOString().replace(/[-:.]/g, '');
      const key = alert.key
        .replace(/[^0-9a-f]/g, '')
        .slice(0, 8)
        .padEnd(8, '0');
      const name = `${time}-${String(number % 1_000_000).padStart(6, '0')}-${key}.eml`;
      await writeFileAtomically(join(folder, name), `${mail}\n`);
      if (number % CHECK_EVERY === 0) await forgetOldest();
      return { response: `kept as ${name}; nothing left this machine` };
    },
    async list(max) {
      const names = (await fileNames()).slice(-Math.max(1, max));
      const mails: CapturedMail[] = [];
      for (const file of names) {
        const headers = readMailHeaders(await readHead(file));
        mails.push({
          file,
          to: headers.get('to') ?? '',
          subject: headers.get('subject') ?? '',
          date: headers.get('date') ?? '',
          messageId: headers.get('message-id') ?? '',
        });
      }
      return mails;
    },
    async read(file) {
      if (!FILE_NAME.test(file)) return undefined;
      try {
        return await readFile(join(folder, file), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    stop: () => Promise.resolve(),
  };
}
