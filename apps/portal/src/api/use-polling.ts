import { useEffect } from 'react';

/** Asks again at an interval while something is under way that no subscription tells of; not while nobody looks. */
export function usePolling(refresh: () => void, active: boolean, intervalMilliseconds = 1_500): void {
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') refresh();
    }, intervalMilliseconds);
    return () => clearInterval(timer);
  }, [refresh, active, intervalMilliseconds]);
}
