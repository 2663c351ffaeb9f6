import type { FieldPath, FieldValues, UseFormReturn } from 'react-hook-form';
import type { Failure } from './failure';

/**
 * Puts what the api refused beside the fields that it names and gives back the rest, which the form shows above its button.
 * `fields` says which field of the form an input path is, where they differ: `{ 'hyperparameters.epochs': 'epochs' }`.
 */
export function showFailures<Values extends FieldValues>(
  form: UseFormReturn<Values>,
  failures: readonly Failure[],
  fields: Readonly<Record<string, FieldPath<Values>>> = {},
): Failure[] {
  const known = new Set(Object.keys(form.getValues()));
  return failures.filter(({ code, message, path }) => {
    const dotted = path.join('.');
    const field = fields[dotted] ?? (known.has(path[0] ?? '') ? (dotted as FieldPath<Values>) : undefined);
    if (!field) return true;
    form.setError(field, { type: code, message }, { shouldFocus: true });
    return false;
  });
}
