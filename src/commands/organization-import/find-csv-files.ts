import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CSV_FILES, describeColumns, FILE_KINDS, type FileKind, templateOf } from './csv-columns.ts';
import type { CsvFile } from './read-csv.ts';

function kindOf(path: string): FileKind | undefined {
  const name = basename(path).toLowerCase();
  return FILE_KINDS.find((kind) => CSV_FILES[kind].file === name);
}

const NAMES = FILE_KINDS.map((kind) => CSV_FILES[kind].file).join(', ');

/** The files that the paths name: each one a file, or a folder that holds some of them. */
export async function findCsvFiles(paths: readonly string[]): Promise<CsvFile[]> {
  const files: CsvFile[] = [];
  async function add(path: string, kind: FileKind): Promise<void> {
    if (files.some((file) => file.kind === kind)) throw new Error(`${path}: there are two ${CSV_FILES[kind].file}`);
    files.push({ kind, name: basename(path), bytes: await readFile(path) });
  }
  for (const path of paths) {
    if ((await stat(path)).isDirectory()) {
      const before = files.length;
      for (const name of (await readdir(path)).sort()) {
        const kind = kindOf(name);
        if (kind) await add(join(path, name), kind);
      }
      if (files.length === before) throw new Error(`${path} holds none of ${NAMES}`);
    } else {
      const kind = kindOf(path);
      if (!kind) throw new Error(`${path} is none of ${NAMES}`);
      await add(path, kind);
    }
  }
  return files;
}

/** Writes every file with its header and one example row, none over an existing one; gives the lines that explain them. */
export async function writeTemplates(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  for (const kind of FILE_KINDS) await writeFile(join(folder, CSV_FILES[kind].file), templateOf(kind), { flag: 'wx' });
  return [...describeColumns(), `written to ${folder}`];
}
