import { linearScale, logScale, type Scale } from '../../charts/scale';
import type { LineagePoint } from './documents';

/** Where everything of the picture stands, in pixels. */
export interface LineageLayout {
  width: number;
  height: number;
  /** Where the tokens begin and end. */
  left: number;
  right: number;
  x: Scale;
  lanes: Lane[];
  nodes: PlacedNode[];
  streams: Stream[];
  /** Above the variants of a checkpoint that has more than are drawn. */
  rests: Rest[];
  /** Below the river: loss and evaluations over the same tokens. */
  curves: { top: number; bottom: number };
}

/** A training run: a river that runs along its tokens. */
export interface Lane {
  id: string;
  name: string;
  y: number;
  from: number;
  to: number;
}

export interface PlacedNode {
  point: LineagePoint;
  x: number;
  y: number;
  lane: number;
  variant: boolean;
}

/** From a checkpoint to what was made of it. */
export interface Stream {
  id: string;
  path: string;
  variant: boolean;
}

/** How many variants of a checkpoint are not drawn. */
export interface Rest {
  id: string;
  count: number;
  x: number;
  y: number;
}

export type AxisKind = 'linear' | 'log';

const LEFT = 56;
const RIGHT = 84;
/** Room for the names of variants that fork off the last checkpoint. */
const RIGHT_OF_VARIANTS = 172;
const TOP = 18;
const LANE_HEIGHT = 64;
const VARIANT_HEIGHT = 26;
const VARIANT_SHIFT = 46;
/** So many streams are drawn for one checkpoint, of the newest; the list has all of them. */
export const VARIANTS_SHOWN = 4;
const CURVES_HEIGHT = 168;
const CURVES_GAP = 34;
const AXIS_HEIGHT = 30;

interface LayoutInput {
  published: readonly LineagePoint[];
  variants: readonly LineagePoint[];
  width: number;
  axis: AxisKind;
}

export function layOut({ published, variants, width, axis }: LayoutInput): LineageLayout {
  const runs = runsOf(published);
  const right = Math.max(LEFT + 100, width - (variants.length > 0 ? RIGHT_OF_VARIANTS : RIGHT));
  const x = tokenScale(published, axis, [LEFT, right]);
  const nodes: PlacedNode[] = [];
  const streams: Stream[] = [];
  const lanes: Lane[] = [];
  const rests: Rest[] = [];
  const forks = groupBy(variants, ({ parent }) => parent?.id ?? '');
  let y = TOP;
  for (const [index, points] of runs.entries()) {
    // Variants fork off above their river.
    const tallest = Math.max(0, ...points.map(({ id }) => Math.min(VARIANTS_SHOWN + 1, forks.get(id)?.length ?? 0)));
    y += tallest * VARIANT_HEIGHT + LANE_HEIGHT / 2;
    const placed = points.map((point) => ({ point, x: x(Number(point.tokensSeen)), y, lane: index, variant: false }));
    const source = nodes.find(({ point }) => point.id === points[0]?.parent?.id);
    lanes.push(laneOf(points, { y, from: source?.x ?? x(0), to: placed.at(-1)?.x ?? LEFT }));
    if (source)
      streams.push({ id: `run ${index}`, path: streamPath(source, { x: source.x + LANE_HEIGHT, y }), variant: false });
    nodes.push(...placed);
    y += LANE_HEIGHT / 2;
  }
  for (const parent of [...nodes]) {
    // Ids sort by time.
    const newestFirst = (forks.get(parent.point.id) ?? []).toSorted((one, other) => (one.id < other.id ? 1 : -1));
    const above = (place: number) => ({ x: parent.x + VARIANT_SHIFT, y: parent.y - (place + 1) * VARIANT_HEIGHT });
    for (const [place, variant] of newestFirst.slice(0, VARIANTS_SHOWN).entries()) {
      const at = above(place);
      streams.push({ id: variant.id, path: streamPath(parent, at), variant: true });
      nodes.push({ point: variant, ...at, lane: parent.lane, variant: true });
    }
    const count = newestFirst.length - VARIANTS_SHOWN;
    if (count > 0) rests.push({ id: parent.point.id, count, ...above(VARIANTS_SHOWN) });
  }
  const top = y + CURVES_GAP;
  const curves = { top, bottom: top + CURVES_HEIGHT };
  return { width, height: curves.bottom + AXIS_HEIGHT, left: LEFT, right, x, lanes, nodes, streams, rests, curves };
}

/** The river widens as it has seen more. */
export function riverPath({ y, from, to }: Lane): string {
  const [narrow, wide] = [3, 12];
  const middle = from + (to - from) * 0.35;
  const up = `M ${from} ${y - narrow} C ${middle} ${y - narrow} ${middle} ${y - wide} ${to} ${y - wide}`;
  const down = `L ${to} ${y + wide} C ${middle} ${y + wide} ${middle} ${y + narrow} ${from} ${y + narrow} Z`;
  return `${up} A ${wide} ${wide} 0 0 1 ${to} ${y + wide} ${down}`;
}

function streamPath(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const middle = from.x + (to.x - from.x) * 0.5;
  return `M ${from.x} ${from.y} C ${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
}

function tokenScale(points: readonly LineagePoint[], axis: AxisKind, range: [number, number]): Scale {
  const tokens = points.map(({ tokensSeen }) => Number(tokensSeen)).filter((count) => count > 0);
  const most = Math.max(1, ...tokens);
  if (axis === 'linear') return linearScale([0, most], range);
  return logScale([Math.max(1, Math.min(most, ...tokens) / 2), most], range);
}

/** Each training run's checkpoints by tokens; what a run began from comes before it. */
function runsOf(points: readonly LineagePoint[]): LineagePoint[][] {
  const groups = groupBy(points, ({ trainingRun }) => trainingRun?.id ?? '');
  const runs = [...groups.values()].map((run) =>
    [...run].sort((left, right) => Number(left.tokensSeen) - Number(right.tokensSeen)),
  );
  return runs.sort((left, right) => Number(left[0]?.tokensSeen) - Number(right[0]?.tokensSeen));
}

function laneOf(points: readonly LineagePoint[], place: Pick<Lane, 'y' | 'from' | 'to'>): Lane {
  const run = points[0]?.trainingRun;
  return { id: run?.id ?? '', name: run?.name ?? 'checkpoints', ...place };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** Where an arrow key leads: along the river, or to what is above and below. */
export function neighbour(
  nodes: readonly PlacedNode[],
  from: PlacedNode,
  direction: Direction,
): PlacedNode | undefined {
  if (direction === 'left' || direction === 'right') {
    const sign = direction === 'right' ? 1 : -1;
    const along = nodes.filter((node) => node.y === from.y && (node.x - from.x) * sign > 0);
    const others = from.variant ? nodes.filter((node) => !node.variant && (node.x - from.x) * sign > 0) : [];
    return nearest(along.length > 0 ? along : others, from);
  }
  const sign = direction === 'down' ? 1 : -1;
  return nearest(
    nodes.filter((node) => (node.y - from.y) * sign > 0),
    from,
  );
}

export function nearest(nodes: readonly PlacedNode[], to: { x: number; y: number }): PlacedNode | undefined {
  let best: PlacedNode | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const node of nodes) {
    const distance = Math.hypot(node.x - to.x, (node.y - to.y) * 2);
    if (distance < least) [best, least] = [node, distance];
  }
  return best;
}
