import { useCallback, useState } from 'react';
import { Button } from './button';

export interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}

export interface Page {
  first?: number;
  after?: string;
  last?: number;
  before?: string;
}

/** The arguments of a Relay connection, and how to turn its pages. A new `resetBy` begins at the first one. */
export function usePage(size: number, resetBy = '') {
  const [state, setState] = useState<{ page: Page; resetBy: string }>({ page: { first: size }, resetBy });
  const page = state.resetBy === resetBy ? state.page : { first: size };
  const turn = useCallback((next: Page) => setState({ page: next, resetBy }), [resetBy]);
  const next = useCallback((info: PageInfo) => turn({ first: size, after: info.endCursor ?? undefined }), [size, turn]);
  const previous = useCallback(
    (info: PageInfo) => turn({ last: size, before: info.startCursor ?? undefined }),
    [size, turn],
  );
  return { page, next, previous };
}

/** The same for a list that is read forward alone: the way back is kept here. `turned`: there is one. */
export function useForwardPage(size: number) {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const next = useCallback(
    ({ endCursor }: PageInfo) => endCursor && setCursors((before) => [...before, endCursor]),
    [],
  );
  const previous = useCallback(() => setCursors((before) => before.slice(0, -1)), []);
  return { page: { first: size, after: cursors.at(-1) }, turned: cursors.length > 0, next, previous };
}

interface PaginationProps {
  /** What the pages hold: "datasets". */
  of: string;
  info: PageInfo;
  /** While the page that was asked for is under way. */
  busy?: boolean;
  onNext: (info: PageInfo) => void;
  onPrevious: (info: PageInfo) => void;
}

export function Pagination({ of, info, busy, onNext, onPrevious }: PaginationProps) {
  if (!info.hasNextPage && !info.hasPreviousPage) return null;
  return (
    <nav aria-label={`Pages of ${of}`} className="flex items-center justify-end gap-2">
      <Button small busy={busy} disabled={!info.hasPreviousPage} onClick={() => onPrevious(info)}>
        Previous
      </Button>
      <Button small busy={busy} disabled={!info.hasNextPage} onClick={() => onNext(info)}>
        Next
      </Button>
    </nav>
  );
}
