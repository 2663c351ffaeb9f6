import type { Named } from '../api';

/** Who did something, by name where that may be seen, else by id. */
export function MadeBy({ id, names }: { id: string; names: ReadonlyMap<string, Named> }) {
  const named = names.get(id);
  if (!named)
    return (
      <span title={id} className="font-mono text-sm whitespace-nowrap">
        {shortId(id)}
      </span>
    );
  return <span title={id}>{named.kind === 'user' ? named.name : `${named.name} (${named.kind})`}</span>;
}

/** Enough to tell ids apart: their first part says what it is, their end differs. */
function shortId(id: string): string {
  return id.length <= 16 ? id : `${id.slice(0, id.indexOf('_') + 1)}…${id.slice(-6)}`;
}
