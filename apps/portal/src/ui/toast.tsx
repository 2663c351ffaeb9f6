import { X } from 'lucide-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { IconButton } from './button';

interface Told {
  id: number;
  title: string;
  description?: string;
}

const SHOWN_MILLISECONDS = 6_000;
let told: readonly Told[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

/** Says that something was done, where the page itself does not show it. What failed is told in place, not here. */
export function toast(title: string, description?: string): void {
  lastId += 1;
  change([...told, { id: lastId, title, description }]);
}

/** Where toasts are shown: once, around everything. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => told);
  return (
    <div role="status" className="fixed right-4 bottom-4 z-60 flex w-88 max-w-[calc(100vw-2rem)] flex-col gap-2">
      {shown.map((one) => (
        <Toast key={one.id} {...one} />
      ))}
    </div>
  );
}

/** It stays while it is read: pointed at, or with the focus in it. */
function Toast({ id, title, description }: Told) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(id), SHOWN_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [id, held]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it only keeps it.
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="flex items-start justify-between gap-3 rounded-md border border-line bg-raised py-2 pr-1.5 pl-4 shadow-lg"
    >
      <div className="min-w-0 py-1">
        <p className="font-medium">{title}</p>
        {description && <p className="text-ink-soft">{description}</p>}
      </div>
      <IconButton icon={X} label="Dismiss" onClick={() => dismiss(id)} />
    </div>
  );
}

function dismiss(id: number): void {
  change(told.filter((one) => one.id !== id));
}

function change(next: readonly Told[]): void {
  told = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
