import { type ComponentType, lazy, type ReactElement, Suspense, useMemo, useState } from 'react';

interface OnDemandProps {
  /** The button as it stands there before: the same that the real one has as its trigger. */
  button: (press: { onClick?: () => void; onPointerEnter?: () => void; onFocus?: () => void }) => ReactElement;
  load: () => Promise<ComponentType>;
}

/**
 * A menu around the page whose code comes when somebody is about to use it, so that the first page does not wait for it. What
 * is loaded opens at once.
 */
export function OnDemand({ button, load }: OnDemandProps) {
  const [wanted, setWanted] = useState(false);
  const Loaded = useMemo(() => lazy(() => load().then((component) => ({ default: component }))), [load]);
  const warm = () => void load();
  if (!wanted) return button({ onClick: () => setWanted(true), onPointerEnter: warm, onFocus: warm });
  return (
    <Suspense fallback={button({})}>
      <Loaded />
    </Suspense>
  );
}
