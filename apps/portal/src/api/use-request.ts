import { useCallback, useDeferredValue } from 'react';
import { type AnyVariables, type TypedDocumentNode, type UseQueryState, useQuery } from 'urql';
import { type Failure, failuresOf } from './failure';

/** What a screen knows of its data. `<Loaded>` of src/ui shows each of these states. */
export type RequestState<Data> = {
  /** Whether newer data is under way while this is on screen. */
  refreshing: boolean;
  refresh: () => void;
} & (
  | { status: 'loading' }
  | { status: 'failed'; failure: Failure }
  /** `missing` says which parts the api could not give: the rest is shown all the same. */
  | { status: 'ready'; data: Data; missing: Failure[] }
);

interface Options {
  /** Do not ask yet: something that it depends on is not known. */
  pause?: boolean;
  requestPolicy?: 'cache-first' | 'cache-and-network' | 'network-only';
  /** Types whose changes concern this answer though it names none of them, such as an empty list. */
  alsoChangesWith?: string[];
}

/** A query, and again when a mutation changed something of what it shows. */
export function useRequest<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { pause = false, requestPolicy, alsoChangesWith }: Options = {},
): RequestState<Data> {
  const additionalTypenames = alsoChangesWith?.join();
  const [state, execute] = useQuery<Data, Variables>({
    query: document,
    variables,
    pause,
    ...(requestPolicy ? { requestPolicy } : {}),
    context: useContextOf(additionalTypenames),
  } as Parameters<typeof useQuery<Data, Variables>>[0]);
  const { data, error, fetching, stale } = useUnhurried(state);
  const refresh = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  const common = { refreshing: stale || (fetching && data !== undefined), refresh };
  const failures = error ? failuresOf(error) : [];
  if (isAnswered(data, failures)) return { ...common, status: 'ready', data, missing: failures };
  if (failures[0] && !fetching) return { ...common, status: 'failed', failure: failures[0] };
  return { ...common, status: 'loading' };
}

/** A first answer brings much to draw: that is done in slices, between which input is heard. Those after it are drawn at once, and once. */
function useUnhurried<State extends Pick<UseQueryState, 'data' | 'fetching'>>(state: State): State {
  const isThere = Boolean(state.data);
  const isDrawn = useDeferredValue(isThere);
  return isThere && !isDrawn ? { ...state, data: undefined, fetching: true } : state;
}

/** An answer in which every field failed says nothing; one without failures says that there is no such thing. */
function isAnswered<Data>(data: Data | null | undefined, failures: readonly Failure[]): data is Data {
  if (data === null || data === undefined) return false;
  return failures.length === 0 || Object.values(data).some((value) => value !== null);
}

const CONTEXTS = new Map<string, { additionalTypenames: string[] }>();

/** urql asks again when the context is another object. */
function useContextOf(names: string | undefined): { additionalTypenames: string[] } | undefined {
  if (!names) return undefined;
  const context = CONTEXTS.get(names) ?? { additionalTypenames: names.split(',') };
  CONTEXTS.set(names, context);
  return context;
}
