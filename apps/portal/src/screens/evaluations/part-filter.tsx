import { formatCount } from '../../format';
import { RadioGroup } from '../../ui';
import type { Comparison } from './documents';
import type { ComparisonPart } from './route';

interface PartFilterProps {
  comparison: Comparison;
  part: ComparisonPart | null;
  onChange: (part: ComparisonPart | null) => void;
}

export function PartFilter({ comparison, part, onChange }: PartFilterProps) {
  const { examples, wins, losses, ties } = comparison;
  return (
    <RadioGroup<ComparisonPart | 'all'>
      legend="Show"
      inline
      options={[
        { value: 'all', label: `All (${formatCount(examples)})` },
        { value: 'regressions', label: `Regressions (${formatCount(losses)})` },
        { value: 'improvements', label: `Improvements (${formatCount(wins)})` },
        { value: 'ties', label: `Ties (${formatCount(ties)})` },
      ]}
      value={part ?? 'all'}
      onChange={(next) => onChange(next === 'all' ? null : next)}
    />
  );
}
