/** Of what one runner does; `seconds` is how long it took. */
export interface Took {
  what: string;
  seconds: number;
}

/** When all lanes are through, if each takes the next of these when it is free. */
export function lanesEnd(took: readonly Took[], lanes: number): number {
  const ends = Array.from({ length: lanes }, () => 0);
  for (const { seconds } of took) {
    const free = ends.indexOf(Math.min(...ends));
    ends[free]! += seconds;
  }
  return Math.max(...ends);
}

/** By how much a runner lengthens the lanes, reckoned from what each took beside the others. */
export function secondsAdded(what: string, took: readonly Took[], lanes: number): number {
  const others = took.filter((one) => one.what !== what);
  return lanesEnd(took, lanes) - lanesEnd(others, lanes);
}
