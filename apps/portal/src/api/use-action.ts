import { useCallback, useMemo, useRef, useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';
import { type Failure, failuresOf, refusals, type UserError } from './failure';
import { newIdempotencyKey } from './idempotency';

interface Payload {
  userErrors: readonly UserError[];
}
export type ActionResult<P> = { ok: true; payload: P } | { ok: false; failures: Failure[] };

export interface Action<Input, P> {
  run: (input: Input) => Promise<ActionResult<P>>;
  /** From the call until its answer. */
  busy: boolean;
  /** Of the last call; empty while one is under way. */
  failures: readonly Failure[];
  clear: () => void;
}

type WithoutKey<Variables> = Variables extends { input: infer Input } ? Omit<Input, 'idempotencyKey'> : never;

/**
 * A mutation of the shape that all of ours have: one `input`, and a payload with `userErrors`. It is done once however often
 * its button is pressed: while its outcome is unknown, the same input goes under the same key.
 */
export function useAction<Data extends object, Variables extends AnyVariables, P extends Payload>(
  document: TypedDocumentNode<Data, Variables>,
  payloadOf: (data: Data) => P,
): Action<WithoutKey<Variables>, P> {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const pending = useRef<{ key: string; input: string } | null>(null);
  const reader = useRef(payloadOf);
  reader.current = payloadOf;

  const run = useCallback(
    async (input: WithoutKey<Variables>): Promise<ActionResult<P>> => {
      const text = JSON.stringify(input);
      if (pending.current?.input !== text) pending.current = { key: newIdempotencyKey(), input: text };
      setBusy(true);
      setFailures([]);
      const variables = {
        input: { ...(input as object), idempotencyKey: pending.current.key },
      } as unknown as Variables;
      const { data, error } = await client.mutation(document, variables).toPromise();
      setBusy(false);
      const refused = error ? failuresOf(error) : refusals(data ? reader.current(data).userErrors : []);
      setFailures(refused);
      // Not known to have been refused: the next try must not do it twice.
      if (!error?.networkError) pending.current = null;
      if (refused.length > 0 || !data) return { ok: false, failures: refused };
      return { ok: true, payload: reader.current(data) };
    },
    [client, document],
  );
  const clear = useCallback(() => setFailures([]), []);
  return useMemo(() => ({ run, busy, failures, clear }), [run, busy, failures, clear]);
}
