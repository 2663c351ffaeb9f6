import type { MetricPoint } from './documents';

export interface CurvePoints {
  steps: number[];
  values: number[];
}

interface Answered {
  name: string;
  steps: readonly number[];
  values: readonly number[];
}

/** The curves of a job as they are known here: what was asked for, and what has come since. */
export class CurveStore {
  private readonly curves = new Map<string, Map<number, number>>();
  private readonly drawn = new Map<string, CurvePoints>();

  /** In place of what was known between its first and last step: a closer look, or all of it. */
  put(answered: readonly Answered[]): void {
    for (const { name, steps, values } of answered) {
      const points = this.pointsOf(name);
      steps.forEach((step, index) => {
        points.set(step, values[index] ?? Number.NaN);
      });
      this.drawn.delete(name);
    }
  }

  /** A step that was run again has its newer value. */
  add(points: readonly Pick<MetricPoint, 'name' | 'step' | 'value'>[]): void {
    for (const { name, step, value } of points) {
      this.pointsOf(name).set(step, value);
      this.drawn.delete(name);
    }
  }

  /** By step. The same object as long as nothing has come. */
  read(name: string): CurvePoints | null {
    const points = this.curves.get(name);
    if (!points) return null;
    const known = this.drawn.get(name);
    if (known) return known;
    const steps = [...points.keys()].sort((left, right) => left - right);
    const drawn = { steps, values: steps.map((step) => points.get(step) ?? Number.NaN) };
    this.drawn.set(name, drawn);
    return drawn;
  }

  last(name: string): number | null {
    return this.read(name)?.values.at(-1) ?? null;
  }

  private pointsOf(name: string): Map<number, number> {
    const known = this.curves.get(name);
    if (known) return known;
    const made = new Map<number, number>();
    this.curves.set(name, made);
    return made;
  }
}
