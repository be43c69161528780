/** A small layer with the traps of real ones, as blocks in memory: reversed and empty ranges, units, fractions, prefixes, doubles. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AddressLayers, createAddressLayers } from '../address-layers.ts';
import { openBlock } from '../layer-block.ts';
import { type LayerReport, type ReadLayerTask, readAddressLayer } from '../read-address-layer.ts';

export const FIXTURE_LAYER = fileURLToPath(new URL('fixture-layer.json', import.meta.url));

/** Reads a file as an import does; `options` as that has them. */
export async function readFixture(
  path: string = FIXTURE_LAYER,
  options: Partial<ReadLayerTask> = {},
): Promise<{ layers: AddressLayers; report: LayerReport; digest: string; bytes: Uint8Array }> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-fixture-layer-'));
  try {
    const blockPath = join(folder, 'block');
    const digestPath = join(folder, 'digest');
    const report = await readAddressLayer({
      path,
      workFolder: folder,
      source: 'fixture',
      layers: [],
      mapping: {},
      defaults: {},
      formerDigestPath: undefined,
      blockPath,
      digestPath,
      ...options,
    });
    const bytes = new Uint8Array(await readFile(blockPath));
    const digest = await readFile(digestPath, 'utf8');
    return { layers: createAddressLayers([openBlock(bytes)]), report, digest, bytes };
  } finally {
    await rm(folder, { recursive: true });
  }
}
