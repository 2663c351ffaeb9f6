import { type Permission, useSession } from '../../app';
import { permissionName } from '../../format';
import { Checkbox, RadioGroup } from '../../ui';
import { grantableScopes, type Preset } from './scopes';

interface ScopePickerProps {
  preset: Preset;
  onPreset: (preset: Preset) => void;
  scopes: readonly Permission[];
  onScopes: (scopes: Permission[]) => void;
  error?: string;
}

/** What a key may do: by what it is for, or one by one. */
export function ScopePicker({ preset, onPreset, scopes, onScopes, error }: ScopePickerProps) {
  const { may } = useSession();
  const toggle = (scope: Permission, wanted: boolean) =>
    onScopes(wanted ? [...scopes, scope] : scopes.filter((one) => one !== scope));
  return (
    <div className="flex flex-col gap-3">
      <RadioGroup legend="What it may do" value={preset} onChange={onPreset} options={PRESETS} error={error} />
      {preset === 'custom' && (
        <fieldset className="grid max-h-64 gap-x-4 gap-y-2 overflow-y-auto rounded-md border border-line px-3.5 py-3 sm:grid-cols-2">
          <legend className="sr-only">Permissions</legend>
          {grantableScopes(may).map(({ scope, about }) => (
            <Checkbox
              key={scope}
              label={<span className="font-mono text-sm">{permissionName(scope)}</span>}
              help={about}
              checked={scopes.includes(scope)}
              onChange={(event) => toggle(scope, event.target.checked)}
            />
          ))}
        </fieldset>
      )}
    </div>
  );
}

const PRESETS = [
  { value: 'inference', label: 'Call models', help: 'For applications and editors.' },
  { value: 'pipeline', label: 'Train, evaluate and deploy', help: 'For pipelines that make and ship variants.' },
  { value: 'read', label: 'Read only', help: 'For dashboards and reports.' },
  { value: 'custom', label: 'Choose one by one' },
] as const;
