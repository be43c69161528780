import type { Rest } from '../support/rest.ts';
import type { BoundaryBlock } from './boundary-block.ts';
import type { EdgeRuns } from './edge-runs.ts';
import { GrowingWords, sharedUint32 } from './growing-words.ts';

/** Slabs are made as flat as lets each run stand in about three of them. */
const SLABS_PER_RUN_HEIGHT = 2;

/** Divides each part's height into slabs, and lists the runs of edges that reach into each. */
export function packSlabs(
  partBoxes: Int32Array,
  { boxes, partRuns, starts }: EdgeRuns,
  rest: Rest,
): Pick<BoundaryBlock, 'partSlabs' | 'slabStarts' | 'slabRuns'> {
  const partCount = partRuns.length - 1;
  const partSlabs = sharedUint32(partCount + 1);
  const slabStarts = new GrowingWords();
  const slabRuns = new GrowingWords();
  for (let part = 0; part < partCount; part++) {
    const first = partRuns[part] as number;
    const end = partRuns[part + 1] as number;
    const south = partBoxes[part * 4 + 1] as number;
    const height = Math.max(1, (partBoxes[part * 4 + 3] as number) - south);
    let climbed = 0;
    for (let run = first; run < end; run++) {
      climbed += (boxes[run * 4 + 3] as number) - (boxes[run * 4 + 1] as number);
    }
    const wanted = Math.floor((SLABS_PER_RUN_HEIGHT * (end - first) * height) / Math.max(1, climbed));
    const count = Math.max(1, Math.min(wanted, SLABS_PER_RUN_HEIGHT * (end - first)));
    // The same arithmetic as when it is looked up: both round alike.
    const slabOf = (y: number): number => Math.min(count - 1, Math.floor(((y - south) * count) / height));
    const places = new Uint32Array(count + 1);
    for (let run = first; run < end; run++) {
      const last = slabOf(boxes[run * 4 + 3] as number);
      for (let slab = slabOf(boxes[run * 4 + 1] as number); slab <= last; slab++) {
        places[slab + 1] = (places[slab + 1] as number) + 1;
      }
    }
    const base = slabRuns.length;
    for (let slab = 0; slab < count; slab++) {
      slabStarts.push(base + (places[slab] as number));
      places[slab + 1] = (places[slab + 1] as number) + (places[slab] as number);
    }
    slabRuns.reserve(places[count] as number);
    const { words } = slabRuns;
    for (let run = first; run < end; run++) {
      const last = slabOf(boxes[run * 4 + 3] as number);
      for (let slab = slabOf(boxes[run * 4 + 1] as number); slab <= last; slab++) {
        const place = places[slab] as number;
        words[base + place] = starts[run] as number;
        places[slab] = place + 1;
      }
    }
    partSlabs[part + 1] = slabStarts.length;
    rest();
  }
  slabStarts.push(slabRuns.length);
  return { partSlabs, slabStarts: slabStarts.uint32(), slabRuns: slabRuns.uint32() };
}
