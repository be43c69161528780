/** A part of a list. */
export type Window = { start: number; max: number };

/** A part of a list, and how many are in all of it. */
export type Rows<Row> = { rows: Row[]; total: number };
