import type { Comparison } from './measure.ts';

/** A line of `bench/results.json`. `ratio` = ours / peer in the same run; null where there is no peer. */
export type Row = {
  bench: string;
  metric: string;
  value: number;
  unit: string;
  peer: string | null;
  ratio: number | null;
  /** What else was seen, in words. */
  note?: string;
  /** Things that went wrong while measuring; present when there were any. */
  errors?: number;
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;

export function ratioRow(bench: string, metric: string, unit: string, peer: string, seen: Comparison): Row {
  const note = [
    `peer ${Math.round(seen.peer)}`,
    `by wall clock ${Math.round(seen.oursByWall)} and ${Math.round(seen.peerByWall)}`,
    `busy ${percent(seen.oursBusy)} and ${percent(seen.peerBusy)}`,
  ].join('; ');
  const ratio = Number(seen.ratio.toFixed(3));
  const errors = seen.errors > 0 ? { errors: seen.errors } : {};
  return { bench, metric, value: Math.round(seen.ours), unit, peer, ratio, note, ...errors };
}
