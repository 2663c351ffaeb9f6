import { useEffect, useState } from 'react';

/** The reader's clock, for ages and durations: the one place of the portal that asks it. */
export function now(): number {
  return Date.now();
}

/** Now, and again after each interval: an age on screen does not stand still. */
export function useNow(intervalMilliseconds: number): number {
  const [time, setTime] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setTime(now()), intervalMilliseconds);
    return () => clearInterval(timer);
  }, [intervalMilliseconds]);
  return time;
}
