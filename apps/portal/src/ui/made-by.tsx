import type { Named } from '../api';

/** Who did something, by name where that may be seen, else by id. */
export function MadeBy({ id, names }: { id: string; names: ReadonlyMap<string, Named> }) {
  const named = names.get(id);
  if (!named) return <span className="font-mono text-sm break-all text-ink-soft">{id}</span>;
  return (
    <span title={id}>
      {named.kind === 'user' ? named.name : `${named.name} (${named.kind})`}
    </span>
  );
}
