import { useDeferredValue, useMemo } from 'react';
import type { UseFormReturn } from 'react-hook-form';
import { plural } from '../../format';
import { Field, Textarea } from '../../ui';
import type { SuiteDraft } from './suite-draft';
import { MOST_ROWS, readSuiteLines } from './suite-lines';

export type SuiteForm = UseFormReturn<SuiteDraft>;

const EXAMPLE = '{"prompt": "2 + 2 =", "expected": "4"}';

/** Rows as they are typed or pasted; how many there are, and which line is none, is said at once. */
export function LinesSource({ form }: { form: SuiteForm }) {
  const lines = useDeferredValue(form.watch('lines'));
  const { rows, problem } = useMemo(() => readSuiteLines(lines), [lines]);
  const error = form.formState.errors.lines?.message;
  return (
    <Field
      label="JSON lines"
      required
      aside={`${plural(rows.length, 'row')} of at most ${MOST_ROWS.toLocaleString()}`}
      error={error ?? (problem && `Line ${problem.line}: ${problem.message}`)}
      help="One object a line: prompt or messages, and expected. Lines of training data do too: their last answer is what is expected."
    >
      <Textarea
        {...form.register('lines')}
        rows={7}
        spellCheck={false}
        placeholder={EXAMPLE}
        className="font-mono text-sm whitespace-pre"
      />
    </Field>
  );
}
