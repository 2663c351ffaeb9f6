import { BarChart3, Table2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { IconButton } from '../ui';

interface FigureProps {
  label: string;
  picture: ReactNode;
  /** Says the same. */
  table: ReactNode;
}

/** A picture or its table, as the reader likes. */
export function Figure({ label, picture, table }: FigureProps) {
  const [asTable, setAsTable] = useState(false);
  return (
    <figure aria-label={label} className="flex min-w-0 flex-col gap-2">
      <div className="flex items-center justify-between">
        <figcaption className="text-sm text-ink-soft">{label}</figcaption>
        <IconButton
          icon={asTable ? BarChart3 : Table2}
          label={asTable ? 'Show as chart' : 'Show as table'}
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        />
      </div>
      {asTable ? table : picture}
    </figure>
  );
}
