export interface Points {
  steps: readonly number[];
  values: readonly number[];
}

/** A curve of few points with a part of it seen closer: that part's points in place of those between its ends. */
export function spliced(whole: Points, part: Points | undefined): Points {
  const [from, to] = [part?.steps[0], part?.steps.at(-1)];
  if (!part || from === undefined || to === undefined) return whole;
  const before = whole.steps.findIndex((step) => step >= from);
  const start = before === -1 ? whole.steps.length : before;
  const after = whole.steps.findIndex((step) => step > to);
  const end = after === -1 ? whole.steps.length : after;
  return {
    steps: [...whole.steps.slice(0, start), ...part.steps, ...whole.steps.slice(end)],
    values: [...whole.values.slice(0, start), ...part.values, ...whole.values.slice(end)],
  };
}

/**
 * A running mean in which each step back counts `weight` times less (0: the curve as it is). Steps may lie apart, so the
 * weight is per step; what is still missing at the beginning is made up for, so that the curve begins where it does.
 */
export function smoothed({ steps, values }: Points, weight: number): Points {
  if (weight === 0) return { steps, values };
  let [sum, total] = [0, 0];
  const means = values.map((value, index) => {
    const kept = weight ** ((steps[index] ?? 0) - (steps[index - 1] ?? steps[index] ?? 0));
    sum = sum * kept + value;
    total = total * kept + 1;
    return sum / total;
  });
  return { steps, values: means };
}
