import { ChevronRight } from 'lucide-react';
import type { UseFormReturn } from 'react-hook-form';
import { Card, Field, Input, Select } from '../../../ui';
import type { BaseCheckpoint } from '../documents';
import {
  NUMBER_SETTINGS,
  type NumberSetting,
  type NumberSettingName,
  type Recipe,
  type SettingsValues,
} from './settings';

const FIRST: readonly NumberSettingName[] = ['epochs', 'learningRateMultiplier', 'batchSize', 'rank'];
const OPTIMIZER: readonly NumberSettingName[] = [
  'warmupSteps',
  'weightDecay',
  'maxSteps',
  'checkpointEverySteps',
  'seed',
];

interface SettingsStepProps {
  form: UseFormReturn<SettingsValues>;
  base: BaseCheckpoint | null;
}

/** How to train. Everything may be left alone: then it is as the lab tried it out. */
export function SettingsStep({ form, base }: SettingsStepProps) {
  const recipe = recipeOf(base);
  const field = (name: NumberSettingName) => <NumberField key={name} {...{ name, form, recipe, base }} />;
  return (
    <Card
      title="3. Settings"
      description={
        recipe
          ? `Left alone, they are the lab’s recipe for ${base?.family?.displayName ?? 'this family'}. ${recipe.notes}`
          : 'Left alone, they are the recipe that the lab recommends for the family.'
      }
    >
      <div className={GRID}>
        <Field
          label="Name"
          help="Part of the variant’s name, such as rust-v2."
          error={form.formState.errors.suffix?.message}
        >
          <Input placeholder="none" autoComplete="off" spellCheck={false} {...form.register('suffix')} />
        </Field>
        {FIRST.map(field)}
      </div>
      <details className="group rounded-md border border-line px-4 py-2.5">
        <summary className="flex items-center gap-1.5 font-medium select-none">
          <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
          Data, adapter and optimizer in full
        </summary>
        <div className={`${GRID} pt-4 pb-2`}>
          <Field label="Rows that are too long" help="They are counted in the report, whatever becomes of them.">
            <Select {...form.register('overLong')}>
              <option value="REJECT">are errors</option>
              <option value="DROP">are left out</option>
              <option value="TRUNCATE">are cut</option>
            </Select>
          </Field>
          {field('maxTokens')}
          {field('validationPercent')}
          {field('alpha')}
          {field('dropout')}
          <Field label="Learning rate over time" help="After the warm-up.">
            <Select {...form.register('scheduler')}>
              <option value="">
                {recipe ? `${recipe.hyperparameters.scheduler} (recommended)` : 'as recommended'}
              </option>
              <option value="CONSTANT">constant</option>
              <option value="LINEAR">linear, to zero</option>
              <option value="COSINE">cosine, to zero</option>
            </Select>
          </Field>
          {OPTIMIZER.map(field)}
        </div>
      </details>
    </Card>
  );
}

const GRID = 'grid grid-cols-[repeat(auto-fill,minmax(13rem,1fr))] gap-x-5 gap-y-4';

interface NumberFieldProps extends SettingsStepProps {
  name: NumberSettingName;
  recipe: PublishedRecipe | null;
}

function NumberField({ name, form, recipe, base }: NumberFieldProps) {
  const setting: NumberSetting = NUMBER_SETTINGS[name];
  const fixed = fixedBy(base, name);
  const usual = recipe ? setting.usual(recipe.hyperparameters) : '';
  return (
    <Field
      label={setting.label}
      help={fixed ? 'Of the variant that you continue: it can not change.' : setting.help}
      error={form.formState.errors[name]?.message}
    >
      <Input
        inputMode="decimal"
        autoComplete="off"
        placeholder={fixed ?? (usual && `${usual} (recommended)`)}
        disabled={fixed !== null}
        {...form.register(name)}
      />
    </Field>
  );
}

/** An adapter is trained on with the shape it has. */
function fixedBy(base: BaseCheckpoint | null, name: NumberSettingName): string | null {
  if (!base?.adapter) return null;
  if (name === 'rank') return String(base.adapter.rank);
  return name === 'alpha' ? String(base.adapter.alpha) : null;
}

interface PublishedRecipe {
  notes: string;
  hyperparameters: Recipe;
}

function recipeOf(base: BaseCheckpoint | null): PublishedRecipe | null {
  const [newest] = [...(base?.family?.recipes ?? [])].sort((left, right) => right.version - left.version);
  return newest ? { notes: newest.notes, hyperparameters: newest.hyperparameters as Recipe } : null;
}
