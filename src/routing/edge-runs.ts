import type { Rest } from '../support/rest.ts';
import { type BoundaryBlock, RUN_EDGES } from './boundary-block.ts';
import { sharedInt32, sharedUint32 } from './growing-words.ts';

/** The runs of edges of a block, part by part: what slabs and cells are made from. */
export type EdgeRuns = {
  /** First point of each run. */
  starts: Uint32Array;
  /** The part that each run belongs to; ascending. */
  parts: Uint32Array;
  /** The runs of part p are partRuns[p] … partRuns[p + 1]. */
  partRuns: Uint32Array;
  /** Four for each run: least x, least y, greatest x, greatest y. */
  boxes: Int32Array;
};

type Rings = Pick<BoundaryBlock, 'points' | 'partBoundaries' | 'partRings' | 'ringStarts'>;

/** Lists the runs of all rings, which are closed and padded to whole runs. */
export function listEdgeRuns({ partBoundaries, partRings, points, ringStarts }: Rings, rest: Rest): EdgeRuns {
  const partCount = partBoundaries.length;
  const ringCount = ringStarts.length - 1;
  // Each ring has one point more than edges.
  const count = ((ringStarts[ringCount] as number) - ringCount) / RUN_EDGES;
  const starts = sharedUint32(count);
  const parts = sharedUint32(count);
  const partRuns = sharedUint32(partCount + 1);
  const boxes = sharedInt32(count * 4);
  let run = 0;
  for (let part = 0; part < partCount; part++) {
    const lastRing = partRings[part + 1] as number;
    for (let ring = partRings[part] as number; ring < lastRing; ring++) {
      const end = (ringStarts[ring + 1] as number) - 1;
      for (let start = ringStarts[ring] as number; start < end; start += RUN_EDGES) {
        starts[run] = start;
        parts[run] = part;
        let west = points[start * 2] as number;
        let south = points[start * 2 + 1] as number;
        let [east, north] = [west, south];
        for (let i = (start + 1) * 2; i <= (start + RUN_EDGES) * 2; i += 2) {
          const x = points[i] as number;
          const y = points[i + 1] as number;
          if (x < west) west = x;
          if (x > east) east = x;
          if (y < south) south = y;
          if (y > north) north = y;
        }
        boxes[run * 4] = west;
        boxes[run * 4 + 1] = south;
        boxes[run * 4 + 2] = east;
        boxes[run * 4 + 3] = north;
        run++;
      }
    }
    partRuns[part + 1] = run;
    rest();
  }
  return { starts, parts, partRuns, boxes };
}
