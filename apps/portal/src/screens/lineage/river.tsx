import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import { useWidth } from '../../charts/use-width';
import { formatMeasure, formatShort, formatTokens, plural } from '../../format';
import { classNames } from '../../ui';
import { Curves, CurvesLegend, curvesOf } from './curves';
import type { LineagePoint } from './documents';
import { type AxisKind, type Direction, layOut, nearest, neighbour, type PlacedNode, riverPath } from './layout';

const FIRST_WIDTH = 900;
/** How far from a checkpoint a click still means it. */
const REACH_PIXELS = 60;
const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

interface RiverProps {
  family: string;
  published: readonly LineagePoint[];
  variants: readonly LineagePoint[];
  axis: AxisKind;
  picked: string | null;
  compared: string | null;
  onPick: (point: LineagePoint) => void;
}

/** A family's training as a river of checkpoints: each a fork point, picked by mouse or by arrow keys. */
export function River({ family, published, variants, axis, picked, compared, onPick }: RiverProps) {
  const [frame, width] = useWidth<HTMLDivElement>(FIRST_WIDTH);
  const layout = useMemo(
    () => layOut({ published, variants, width: Math.max(520, width), axis }),
    [published, variants, width, axis],
  );
  const curves = useMemo(() => curvesOf(published), [published]);
  const [pointed, setPointed] = useState<PlacedNode | null>(null);
  const elements = useRef(new Map<string, SVGGElement>());
  const current = layout.nodes.find(({ point }) => point.name === picked) ?? null;
  /** One stop for the Tab key. */
  const stop = current ?? layout.nodes[0];

  const atPointer = (event: PointerEvent<SVGSVGElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const at = { x: event.clientX - left, y: event.clientY - top };
    const inCurves = at.y > layout.curves.top - 10;
    const node = inCurves
      ? nearest(
          layout.nodes.filter(({ variant }) => !variant).map((one) => ({ ...one, y: at.y })),
          at,
        )
      : nearest(layout.nodes, at);
    if (!node || Math.abs(node.x - at.x) > REACH_PIXELS) return null;
    return layout.nodes.find(({ point }) => point.id === node.point.id) ?? null;
  };
  const onKeyDown = (event: KeyboardEvent, node: PlacedNode) => {
    const direction = DIRECTIONS[event.key];
    const next = direction
      ? neighbour(layout.nodes, node, direction)
      : { Home: layout.nodes[0], End: layout.nodes.findLast(({ variant }) => !variant), ' ': node, Enter: node }[
          event.key
        ];
    if (!next) return;
    event.preventDefault();
    onPick(next.point);
    elements.current.get(next.point.id)?.focus();
  };

  return (
    <div
      ref={frame}
      role="radiogroup"
      aria-label={`Checkpoints of ${family}, by tokens seen. Arrow keys pick a fork point.`}
      className="min-w-0 overflow-x-auto"
    >
      <CurvesLegend curves={curves} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the checkpoints in it are the controls. */}
      <svg
        width={layout.width}
        height={layout.height}
        className="block cursor-pointer select-none"
        role="presentation"
        onPointerMove={(event) => setPointed(atPointer(event))}
        onPointerLeave={() => setPointed(null)}
        onClick={(event) => {
          const node = atPointer(event as unknown as PointerEvent<SVGSVGElement>);
          if (node) onPick(node.point);
        }}
      >
        <Guide node={pointed} layout={layout} faint />
        <Guide node={current} layout={layout} />
        {layout.lanes.map((lane) => (
          <g key={lane.id} aria-hidden>
            <path d={riverPath(lane)} className="fill-accent/14 stroke-accent/40" />
            <text x={lane.to + 18} y={lane.y + 4} className="fill-ink-soft text-xs">
              {lane.name}
            </text>
          </g>
        ))}
        {layout.streams.map(({ id, path, variant }) => (
          <path
            key={id}
            d={path}
            aria-hidden
            className={classNames('fill-none', variant ? 'stroke-series-2' : 'stroke-accent/60')}
            strokeWidth={variant ? 1.5 : 4}
          />
        ))}
        {layout.rests.map(({ id, count, x, y }) => (
          <text key={id} x={x + 10} y={y + 4} className="fill-ink-faint text-xs">
            and {plural(count, 'older one')} in the list
          </text>
        ))}
        <Curves layout={layout} curves={curves} />
        {layout.nodes.map((node) => (
          // biome-ignore lint/a11y/useSemanticElements: an input can not stand in a picture.
          <g
            key={node.point.id}
            ref={(element) => {
              if (element) elements.current.set(node.point.id, element);
              else elements.current.delete(node.point.id);
            }}
            role="radio"
            aria-checked={node === current}
            aria-label={spoken(node)}
            tabIndex={node === stop ? 0 : -1}
            onKeyDown={(event) => onKeyDown(event, node)}
            className="group outline-none"
          >
            <NodeMark node={node} picked={node === current} compared={node.point.name === compared} />
          </g>
        ))}
        {pointed && pointed !== current && <Hint node={pointed} width={layout.width} />}
      </svg>
    </div>
  );
}

function NodeMark({ node, picked, compared }: { node: PlacedNode; picked: boolean; compared: boolean }) {
  const { x, y, variant, point } = node;
  const radius = variant ? 4.5 : 6;
  const usable = point.allowedActions.includes('FINE_TUNE');
  return (
    <>
      <circle
        cx={x}
        cy={y}
        r={radius + 5}
        className="fill-none stroke-transparent group-focus-visible:stroke-accent"
        strokeWidth={2}
      />
      {compared && (
        <circle
          cx={x}
          cy={y}
          r={radius + 4}
          className="fill-none stroke-series-4"
          strokeWidth={2}
          strokeDasharray="3 2"
        />
      )}
      <circle
        cx={x}
        cy={y}
        r={picked ? radius + 2 : radius}
        strokeWidth={2}
        strokeDasharray={usable ? undefined : '2 2'}
        className={classNames(
          variant ? 'stroke-series-2' : 'stroke-accent',
          picked ? (variant ? 'fill-series-2' : 'fill-accent') : 'fill-surface',
        )}
      />
      {variant && (
        <text x={x + 10} y={y + 4} className="fill-ink-soft text-xs">
          {suffixOf(point.name)}
        </text>
      )}
    </>
  );
}

/** The line that ties a checkpoint to its place on the curves. */
function Guide({
  node,
  layout,
  faint,
}: {
  node: PlacedNode | null;
  layout: ReturnType<typeof layOut>;
  faint?: boolean;
}) {
  if (!node || node.variant) return null;
  return (
    <line
      aria-hidden
      x1={node.x}
      x2={node.x}
      y1={node.y}
      y2={layout.curves.bottom}
      strokeDasharray="3 3"
      className={faint ? 'stroke-line-strong/50' : 'stroke-accent/70'}
    />
  );
}

function Hint({ node: { x, y, point }, width }: { node: PlacedNode; width: number }) {
  const right = x > width * 0.7;
  return (
    <g aria-hidden className="pointer-events-none">
      <text
        x={right ? x - 14 : x + 14}
        y={y - 14}
        textAnchor={right ? 'end' : 'start'}
        strokeWidth={4}
        className="fill-ink stroke-surface text-sm [paint-order:stroke]"
      >
        {point.name} · {formatTokens(point.tokensSeen)}
        {point.loss !== null && ` · loss ${formatMeasure(point.loss)}`}
      </text>
    </g>
  );
}

function spoken({ point, variant }: PlacedNode): string {
  const facts = [
    variant ? `own variant ${point.name}` : point.name,
    `step ${formatShort(point.step)}`,
    formatTokens(point.tokensSeen),
    ...(point.loss === null ? [] : [`loss ${formatMeasure(point.loss)}`]),
    ...point.evaluations.map(({ name, value }) => `${name} ${formatMeasure(value)}`),
  ];
  return facts.join(', ');
}

/** ft:base:organization:suffix:short is known by its last two parts. */
function suffixOf(name: string): string {
  const parts = name.split(':');
  return parts.length > 3 ? parts.slice(3).join(':') : name;
}
