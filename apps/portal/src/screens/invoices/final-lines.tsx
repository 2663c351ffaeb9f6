import { useState } from 'react';
import { Button, PartialNotice } from '../../ui';
import type { Column } from '../../ui/table';
import { DisputeDialog, DisputeOfLine, RejectDialog, useDisputes } from './disputes';
import type { Dispute, Invoice, InvoiceLine } from './documents';
import { describe } from './line-text';
import { UsageOfLine } from './line-usage';
import { Lines } from './lines';

interface FinalLinesProps {
  invoice: Invoice;
  document: string;
}

/** The lines of a final invoice: with the usage behind each, and what is said against it. */
export function FinalLines({ invoice, document }: FinalLinesProps) {
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set());
  const [disputing, setDisputing] = useState<InvoiceLine | null>(null);
  const [rejecting, setRejecting] = useState<Dispute | null>(null);
  const disputes = useDisputes(invoice.id);
  const byLine = disputes.status === 'ready' ? disputes.data : NONE;
  const toggle = (id: string) =>
    setShown((ids) => new Set(ids.has(id) ? [...ids].filter((other) => other !== id) : [...ids, id]));
  const columns: ReadonlyArray<Column<InvoiceLine>> = [
    {
      id: 'usage',
      header: 'Usage',
      cell: (line) =>
        hasUsage(line) && <UsageButton line={line} isShown={shown.has(line.id)} onPress={() => toggle(line.id)} />,
    },
    {
      id: 'dispute',
      header: 'Dispute',
      cell: (line) => {
        const dispute = byLine.get(line.id);
        return (
          <DisputeOfLine
            {...{ invoice, line, dispute }}
            onDispute={() => setDisputing(line)}
            onReject={() => setRejecting(dispute ?? null)}
          />
        );
      },
    },
  ];
  return (
    <>
      {disputes.status === 'failed' && <PartialNotice missing={[disputes.failure]} onRetry={disputes.refresh} />}
      <Lines
        {...{ invoice, document }}
        lines={invoice.lines}
        moreColumns={columns}
        detailsOf={({ id, meter }) =>
          shown.has(id) && meter ? <UsageOfLine invoiceId={invoice.id} lineId={id} meter={meter} /> : null
        }
      />
      {disputing && <DisputeDialog invoice={invoice} line={disputing} onClose={() => setDisputing(null)} />}
      {rejecting && <RejectDialog dispute={rejecting} onClose={() => setRejecting(null)} />}
    </>
  );
}

const NONE: ReadonlyMap<string, Dispute> = new Map();

/** Of a minimum that came late there is none. */
function hasUsage({ part, meter }: InvoiceLine): boolean {
  return (part === 'USAGE' || part === 'ADJUSTMENT') && meter !== null;
}

function UsageButton({ line, isShown, onPress }: { line: InvoiceLine; isShown: boolean; onPress: () => void }) {
  return (
    <Button small aria-expanded={isShown} onClick={onPress}>
      {isShown ? 'Hide' : 'Show'}
      <span className="sr-only"> the usage of {describe(line)}</span>
    </Button>
  );
}
