import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useClient } from 'urql';
import type { Points } from './curve-parts';
import { CompareCurvesPart, type ComparedJob } from './documents';

/** While the view still moves, nothing is asked for. */
const SETTLE_MILLISECONDS = 150;
const NONE: ReadonlyMap<string, Points> = new Map();

interface CloserLook {
  /** By job, the points of the part in view, with what the server left out of the whole. */
  parts: ReadonlyMap<string, Points>;
  /** The part in view; null for all of it. */
  look: (range: [number, number] | null) => void;
}

/** Asks for more points of the part of the curves that is in view. */
export function useCloserLook(jobs: readonly ComparedJob[], metric: string): CloserLook {
  const client = useClient();
  const [parts, setParts] = useState(NONE);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asked = useRef(0);
  const ids = useMemo(() => thinnedJobs(jobs, metric), [jobs, metric]);
  useEffect(() => () => clearTimeout(waiting.current), []);

  const look = useCallback(
    (range: [number, number] | null) => {
      clearTimeout(waiting.current);
      const mine = ++asked.current;
      if (!range || ids.length === 0) return setParts(NONE);
      const [from, to] = [Math.max(0, Math.floor(range[0])), Math.ceil(range[1])];
      waiting.current = setTimeout(async () => {
        const { data } = await client.query(CompareCurvesPart, { ids, names: [metric], from, to }).toPromise();
        // Moved on meanwhile: what is in view now is under way.
        if (!data || mine !== asked.current) return;
        setParts(new Map(data.nodes.flatMap((node) => (node && 'curves' in node ? partOf(node) : []))));
      }, SETTLE_MILLISECONDS);
    },
    [client, ids, metric],
  );
  return { parts, look };
}

/** Those of which the server has more points than it gave. */
function thinnedJobs(jobs: readonly ComparedJob[], metric: string): string[] {
  const isThinned = ({ curves }: ComparedJob) =>
    curves.curves.some(({ name, pointCount, steps }) => name === metric && pointCount > steps.length);
  return jobs.filter(isThinned).map(({ id }) => id);
}

function partOf({ id, curves }: Pick<ComparedJob, 'id' | 'curves'>): Array<[string, Points]> {
  return curves.curves.map((curve) => [id, curve]);
}
