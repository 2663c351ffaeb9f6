import { useId, useMemo, useState } from 'react';
import { type ResultOf, useEveryPage, useRequest } from '../../api';
import { formatShort, plural } from '../../format';
import { Amount, Button, Checkbox, Field, Input, Loaded, LoadingState } from '../../ui';
import { type CheckpointChoice, EvaluationCheckpoints, EvaluationPrices } from './documents';

interface CheckpointPickerProps {
  /** Names. */
  chosen: readonly string[];
  error?: string;
  onChange: (names: readonly string[]) => void;
}

const NO_VARIABLES = {};
const checkpointsOf = (data: ResultOf<typeof EvaluationCheckpoints>) => data.checkpoints;

/** What to run on: any of the checkpoints, with a hint at what one was made from. */
export function CheckpointPicker(choice: CheckpointPickerProps) {
  const request = useEveryPage(EvaluationCheckpoints, NO_VARIABLES, checkpointsOf);
  return (
    <Loaded request={request} skeleton={<LoadingState lines={4} />}>
      {(checkpoints) => <Choices checkpoints={checkpoints} {...choice} />}
    </Loaded>
  );
}

interface ChoicesProps extends CheckpointPickerProps {
  checkpoints: readonly CheckpointChoice[];
}

function Choices({ checkpoints, chosen, error, onChange }: ChoicesProps) {
  const [wanted, setWanted] = useState('');
  const errorId = useId();
  const usable = useMemo(() => checkpoints.filter(mayBeEvaluated), [checkpoints]);
  const [first] = useState(chosen);
  const names = namesToOffer([...first, ...usable.map(({ name }) => name)], chosen, wanted);
  const origin = originToAdd(usable, chosen);
  const toggle = (name: string) =>
    onChange(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name]);
  return (
    <fieldset className="flex min-w-0 flex-col gap-2" aria-describedby={error ? errorId : undefined}>
      <legend className="mb-1 font-medium">Checkpoints</legend>
      <Field label={<span className="font-normal text-ink-soft">Find by name</span>}>
        <Input
          type="search"
          value={wanted}
          onChange={({ target }) => setWanted(target.value)}
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      <div className="flex max-h-56 flex-col gap-1.5 overflow-y-auto rounded-md border border-line px-3 py-2">
        {names.length === 0 && <p className="text-ink-soft">None of that name.</p>}
        {names.map((name) => (
          <Checkbox
            key={name}
            label={<span className="break-all">{name}</span>}
            checked={chosen.includes(name)}
            onChange={() => toggle(name)}
          />
        ))}
      </div>
      {error && (
        <p id={errorId} role="alert" className="text-sm text-bad">
          {error}
        </p>
      )}
      <p role="status" className="text-sm text-ink-faint">
        {plural(chosen.length, 'checkpoint')} chosen.
      </p>
      {origin && (
        <p className="flex flex-wrap items-center gap-2 text-ink-soft">
          Before and after: run it on what this was made from too.
          <Button small onClick={() => toggle(origin)}>
            Add {origin}
          </Button>
        </p>
      )}
      <Prices ids={usable.filter(({ name }) => chosen.includes(name)).map(({ id }) => id)} />
    </fieldset>
  );
}

/** What each of them costs, once where that is the same for all. */
function Prices({ ids }: { ids: string[] }) {
  const request = useRequest(EvaluationPrices, { ids }, { pause: ids.length === 0 });
  if (ids.length === 0 || request.status !== 'ready') return null;
  const priced = request.data.nodes.flatMap((node) => (node && 'prices' in node ? [node] : []));
  const prices = priced.flatMap(({ prices }) => prices.filter(({ meter }) => meter === 'EVALUATION_TOKENS'));
  const different = new Map(prices.map((price) => [`${price.price.nanos} ${price.perUnits}`, price]));
  if (different.size === 0) return null;
  return (
    <p className="text-sm text-ink-faint">
      Price of the tokens that are read and written:{' '}
      {[...different].map(([key, { price, perUnits }], index) => (
        <span key={key}>
          {index > 0 && ' or '}
          <Amount money={price} /> per {formatShort(perUnits)}
        </span>
      ))}
      .
    </p>
  );
}

function mayBeEvaluated({ allowedActions }: CheckpointChoice): boolean {
  return allowedActions.includes('FINE_TUNE');
}

/** What is chosen stays in sight whatever is looked for, and where it is: a box that moved would lose the focus. */
function namesToOffer(names: readonly string[], chosen: readonly string[], wanted: string): string[] {
  const part = wanted.trim().toLowerCase();
  return [...new Set(names)].filter((name) => chosen.includes(name) || name.toLowerCase().includes(part));
}

/** The nearest ancestor of a chosen variant that is not chosen yet. */
function originToAdd(usable: readonly CheckpointChoice[], chosen: readonly string[]): string | null {
  const known = new Set(usable.map(({ name }) => name));
  for (const { name, parent } of usable) {
    if (chosen.includes(name) && parent && known.has(parent.name) && !chosen.includes(parent.name)) return parent.name;
  }
  return null;
}
