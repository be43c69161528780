import { mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';

/** A segment that is being written. */
export type JournalFile = {
  write: (bytes: Buffer, offset: number, length: number) => Promise<{ bytesWritten: number }>;
  datasync: () => Promise<void>;
  /** `nlink` 0: the file was deleted. */
  stat: () => Promise<{ ino: number; nlink: number }>;
  close: () => Promise<void>;
};

/** What the journal asks of the file system, so that tests can let each of it fail, hang and come back. */
export type JournalFiles = {
  makeFolder: (folder: string) => Promise<void>;
  list: (folder: string) => Promise<string[]>;
  read: (path: string) => Promise<Buffer>;
  /** A new file; fails where there is one. */
  create: (path: string) => Promise<JournalFile>;
  /** The names in a folder survive a power loss. */
  syncFolder: (folder: string) => Promise<void>;
  stat: (path: string) => Promise<{ ino: number }>;
  remove: (path: string) => Promise<void>;
};

export const journalFiles: JournalFiles = {
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  },
  list: (folder) => readdir(folder),
  read: (path) => readFile(path),
  create: (path) => open(path, 'ax', 0o600),
  async syncFolder(folder) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  stat: (path) => stat(path),
  remove: (path) => unlink(path),
};
