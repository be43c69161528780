import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Zip, ZipPassThrough } from 'fflate';

/** A file of map layers as it is sent: one file; `remove` lets go of what was made for it. */
export type PackedLayerFile = { path: string; remove(): Promise<void> };

/** What belongs to a Shapefile. */
const SHAPE_PARTS = ['.shp', '.dbf', '.prj', '.cpg'];

/** A folder of a File Geodatabase, and a .shp with what stands beside it, go in one archive; everything else goes as it is. */
export async function packLayerFile(path: string): Promise<PackedLayerFile> {
  if ((await stat(path)).isDirectory()) {
    const name = basename(path);
    const files = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile());
    return pack(files.map((entry) => ({ path: join(path, entry.name), name: `${name}/${entry.name}` })));
  }
  if (extname(path).toLowerCase() !== '.shp') return { path, remove: () => Promise.resolve() };
  const stem = basename(path, extname(path)).toLowerCase();
  const beside = (await readdir(dirname(path))).filter(
    (name) => SHAPE_PARTS.includes(extname(name).toLowerCase()) && basename(name, extname(name)).toLowerCase() === stem,
  );
  return pack(beside.map((name) => ({ path: join(dirname(path), name), name })));
}

async function pack(files: readonly { path: string; name: string }[]): Promise<PackedLayerFile> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-layer-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'layer.zip');
    const sink = createWriteStream(path, { mode: 0o600 });
    const zip = new Zip((error, chunk) => {
      if (error) sink.destroy(error);
      else sink.write(chunk);
    });
    for (const file of files) {
      const entry = new ZipPassThrough(file.name);
      zip.add(entry);
      for await (const chunk of createReadStream(file.path)) {
        entry.push(chunk as Buffer);
        if (sink.writableNeedDrain) await once(sink, 'drain');
      }
      entry.push(new Uint8Array(0), true);
    }
    zip.end();
    sink.end();
    await finished(sink);
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
