import type { ComparedJob } from './documents';

/** One setting, of each job in their order. */
export interface Setting {
  id: string;
  label: string;
  values: string[];
  differs: boolean;
}

/** What each job was made from and every value in force; `–` where a job has none. */
export function settingsOf(jobs: readonly ComparedJob[]): Setting[] {
  const recipes = jobs.map(({ recipe }) => (recipe ?? {}) as Record<string, unknown>);
  const names = [...new Set(recipes.flatMap((recipe) => Object.keys(recipe)))];
  return [
    setting(
      'base',
      'Base',
      jobs.map(({ parent }) => parent?.name ?? 'one that you may not see'),
    ),
    setting(
      'data',
      'Data',
      jobs.map(({ trainingFile }) => trainingFile?.filename ?? 'deleted since'),
    ),
    setting(
      'validation',
      'Validation',
      jobs.map(({ validationFile }) => validationFile?.filename),
    ),
    setting(
      'method',
      'Method',
      jobs.map(({ method }) => method),
    ),
    ...names
      .filter((name) => name !== 'seed')
      .map((name) =>
        setting(
          name,
          name.replaceAll('_', ' '),
          recipes.map((recipe) => recipe[name]),
        ),
      ),
    setting(
      'seed',
      'Seed',
      jobs.map(({ seed }) => seed),
    ),
  ];
}

function setting(id: string, label: string, values: readonly unknown[]): Setting {
  const texts = values.map(textOf);
  return { id, label, values: texts, differs: new Set(texts).size > 1 };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
