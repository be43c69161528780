import type { LadderMessage } from './ladder-message.ts';

const LANE_WIDTH = 34;
const TIME_WIDTH = 10;
const MAX_LANES = 8;
const OWN = 'waymark';

function centred(text: string, width: number): string {
  const cut = text.slice(0, width - 1);
  const before = Math.floor((width - cut.length) / 2);
  return `${' '.repeat(before)}${cut}`.padEnd(width);
}

/** The column of a lane's line. */
function columnOf(lane: number): number {
  return TIME_WIDTH + lane * LANE_WIDTH + LANE_WIDTH / 2;
}

function drawArrow(lanes: number, from: number, to: number, label: string): string {
  const cells = Array.from({ length: TIME_WIDTH + lanes * LANE_WIDTH }, () => ' ');
  for (let lane = 0; lane < lanes; lane++) cells[columnOf(lane)] = '|';
  const left = columnOf(Math.min(from, to)) + 1;
  const right = columnOf(Math.max(from, to)) - 1;
  for (let at = left; at <= right; at++) cells[at] = '-';
  cells[from < to ? right : left] = from < to ? '>' : '<';
  const text = ` ${label} `.slice(0, right - left - 3);
  const start = left + Math.floor((right - left - text.length) / 2) + 1;
  const line = cells.join('');
  return `${line.slice(0, start)}${text}${line.slice(start + text.length)}`.trimEnd();
}

/**
 * A ladder as text: one column for each peer, the caller's on the left of ours, time downwards. Of more than seven peers the rest
 * share the last column.
 */
export function drawLadder(title: string, messages: readonly LadderMessage[], leftOut: number): string {
  const lanes: string[] = [];
  const laneOf = (peer: string): number => {
    const known = lanes.indexOf(peer);
    if (known !== -1) return known;
    if (lanes.length < MAX_LANES) return lanes.push(peer) - 1;
    return MAX_LANES - 1;
  };
  for (const { direction, from, to } of messages) {
    laneOf(direction === 'in' ? from : to);
    laneOf(OWN);
  }
  const firstMs = Date.parse(messages[0]?.at ?? '');
  const lines = messages.map((message) => {
    const { direction, from, to, startLine, retransmissions, failure } = message;
    const seconds = (Date.parse(message.at) - firstMs) / 1_000;
    const again = retransmissions > 0 ? ` (${retransmissions + 1} times)` : '';
    const label = startLine.slice(0, LANE_WIDTH) + again;
    const arrow =
      direction === 'in'
        ? drawArrow(lanes.length, laneOf(from), laneOf(OWN), label)
        : drawArrow(lanes.length, laneOf(OWN), laneOf(to), label);
    const note = failure === null ? '' : `  not sent: ${failure}`;
    return `${`+${seconds.toFixed(3)}`.padEnd(TIME_WIDTH)}${arrow.slice(TIME_WIDTH)}${note}`;
  });
  return [
    title,
    ...(messages.length === 0 ? ['no ladder was kept of this call'] : []),
    `${' '.repeat(TIME_WIDTH)}${lanes.map((lane) => centred(lane, LANE_WIDTH)).join('')}`.trimEnd(),
    ...lines,
    ...(leftOut > 0 ? [`${leftOut} further messages were not kept`] : []),
    '',
  ].join('\n');
}
