/** What was foretold of a job at one moment. */
export interface Sample {
  atMilliseconds: number;
  finishMilliseconds: number;
}

export interface Run {
  startedMilliseconds: number;
  finishedMilliseconds: number;
  samples: readonly Sample[];
}

export interface RunErrors {
  samples: number;
  /** Shares of the time from start to finish. */
  largest: number;
  median: number;
}

/** How far the foretold finish was from the actual one, as a share of the run, from a share of the run on. */
export function errorsOf({ startedMilliseconds, finishedMilliseconds, samples }: Run, fromShare: number): RunErrors {
  const took = finishedMilliseconds - startedMilliseconds;
  const from = startedMilliseconds + fromShare * took;
  const errors = samples
    .filter(({ atMilliseconds }) => atMilliseconds >= from && atMilliseconds <= finishedMilliseconds)
    .map(({ finishMilliseconds }) => Math.abs(finishMilliseconds - finishedMilliseconds) / took)
    .sort((a, b) => a - b);
  if (errors.length === 0) throw new Error('nothing was foretold from there on');
  return { samples: errors.length, largest: errors.at(-1)!, median: errors[Math.floor(errors.length / 2)]! };
}

/** Late (positive) or early, as shares of the run, at each tenth of it from the first on; null where nothing was foretold yet. */
export function errorsByTenth({ startedMilliseconds, finishedMilliseconds, samples }: Run): Array<number | null> {
  const took = finishedMilliseconds - startedMilliseconds;
  return Array.from({ length: 9 }, (_, index) => {
    const at = startedMilliseconds + (took * (index + 1)) / 10;
    const latest = samples.findLast(({ atMilliseconds }) => atMilliseconds <= at);
    return latest ? (latest.finishMilliseconds - finishedMilliseconds) / took : null;
  });
}
