/** The name of their addresses' scheme, by which the map asks for them. */
export const REGION_PROTOCOL = 'regions';
export const REGION_TILES = `${REGION_PROTOCOL}://{z}/{x}/{y}`;
/** As they were cut (`scripts/region-tiles.ts`): below, the map is drawn from the deepest ones. */
export const DEEPEST_ZOOM = 8;
const OVERVIEW_ZOOM = 3;
const NUMBER_BYTES = 4;
const NUMBERS_PER_TILE = 4;

type Archive = ReadonlyMap<string, ArrayBuffer>;

const ADDRESSES = import.meta.glob<string>('../../map-tiles/*.bin', {
  query: '?url&no-inline',
  import: 'default',
  eager: true,
});
const archives = new Map<string, Promise<Archive>>();

const keyOf = (z: number, x: number, y: number): string => `${z}/${x}/${y}`;

async function readArchive(address: string): Promise<Archive> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  const bytes = await response.arrayBuffer();
  const view = new DataView(bytes);
  const number = (at: number): number => view.getUint32(at * NUMBER_BYTES, true);
  const count = number(0);
  const tiles = new Map<string, ArrayBuffer>();
  let from = (1 + count * NUMBERS_PER_TILE) * NUMBER_BYTES;
  for (let tile = 0; tile < count; tile += 1) {
    const at = 1 + tile * NUMBERS_PER_TILE;
    const end = from + number(at + 3);
    tiles.set(keyOf(number(at), number(at + 1), number(at + 2)), bytes.slice(from, end));
    from = end;
  }
  return tiles;
}

function archiveOf(name: string): Promise<Archive> | undefined {
  const known = archives.get(name);
  const address = ADDRESSES[`../../map-tiles/${name}.bin`];
  if (known || address === undefined) return known;
  const reading = readArchive(address).catch((error: unknown) => {
    archives.delete(name);
    throw error;
  });
  archives.set(name, reading);
  return reading;
}

/** What a map of the country needs, asked for before there is a map. */
export function fetchOverview(): void {
  // The map asks again, and tells what is wrong.
  archiveOf('overview')?.catch(() => undefined);
}

/** A tile of land, borders and names by its address; an empty one where there is only water. */
export async function readRegionTile(url: string): Promise<ArrayBuffer> {
  const [z = 0, x = 0, y = 0] = url.slice(`${REGION_PROTOCOL}://`.length).split('/').map(Number);
  const up = z - OVERVIEW_ZOOM - 1;
  const name = up < 0 ? 'overview' : `${OVERVIEW_ZOOM + 1}-${x >> up}-${y >> up}`;
  const tile = (await archiveOf(name))?.get(keyOf(z, x, y));
  // A copy: what the map gets goes to its worker.
  return tile?.slice(0) ?? new ArrayBuffer(0);
}
