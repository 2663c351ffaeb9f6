import { type RequestState, useAction, useRequest } from '../../api';
import { useSession, useWhyNot } from '../../app';
import { Button, ReasonDialog, Status, type Tone } from '../../ui';
import { isCreditable, isDue } from './creditable';
import {
  type Dispute,
  DisputeInvoiceLine,
  type Invoice,
  InvoiceDisputes,
  type InvoiceLine,
  RejectInvoiceDispute,
} from './documents';
import { describe } from './line-text';

/** What was said last against each line, by the line's id. */
export type DisputesByLine = ReadonlyMap<string, Dispute>;

export function useDisputes(invoiceId: string): RequestState<DisputesByLine> {
  const request = useRequest(
    InvoiceDisputes,
    { invoiceId },
    { alsoChangesWith: ['InvoiceDispute', 'InvoiceDisputePayload', 'CreditNotePayload'] },
  );
  if (request.status !== 'ready') return request;
  // Newest first: of a line's the first that comes is set last.
  const disputes = request.data.invoiceDisputes.nodes.toReversed();
  return { ...request, data: new Map(disputes.map((dispute) => [dispute.lineId, dispute])) };
}

const TONES: Record<Dispute['state'], Tone> = { OPEN: 'warn', CREDITED: 'ok', REJECTED: 'neutral' };
const SAID: Record<Dispute['state'], string> = { OPEN: 'Disputed', CREDITED: 'Credited', REJECTED: 'Rejected' };

interface DisputeOfLineProps {
  invoice: Invoice;
  line: InvoiceLine;
  dispute: Dispute | undefined;
  onDispute: () => void;
  onReject: () => void;
}

/** Where a dispute of a line stands, and what the reader may do about it: the partner opens one, the lab decides. */
export function DisputeOfLine({ invoice, line, dispute, onDispute, onReject }: DisputeOfLineProps) {
  const { organization } = useSession();
  const whyNot = useWhyNot();
  const isOpen = dispute?.state === 'OPEN';
  const canBeDisputed = isDue(invoice) && !isOpen && isCreditable(line);
  return (
    <div className="flex flex-col items-start gap-1">
      {dispute && <Said dispute={dispute} />}
      {organization.kind === 'PARTNER' && canBeDisputed && (
        <Button small whyNot={whyNot('INVOICES_DISPUTE')} onClick={onDispute}>
          Dispute<span className="sr-only"> {describe(line)}</span>
        </Button>
      )}
      {organization.kind === 'LAB' && isOpen && (
        <Button small whyNot={whyNot('INVOICES_WRITE')} onClick={onReject}>
          Reject<span className="sr-only"> the dispute of {describe(line)}</span>
        </Button>
      )}
    </div>
  );
}

function Said({ dispute: { state, reason, rejection } }: { dispute: Dispute }) {
  return (
    <div className="min-w-40">
      <Status tone={TONES[state]}>{SAID[state]}</Status>
      <p className="text-sm text-ink-soft">“{reason}”</p>
      {rejection && <p className="text-sm text-ink-soft">The lab: “{rejection}”</p>}
    </div>
  );
}

interface DisputeDialogProps {
  invoice: Invoice;
  line: InvoiceLine;
  onClose: () => void;
}

export function DisputeDialog({ invoice, line, onClose }: DisputeDialogProps) {
  const action = useAction(DisputeInvoiceLine, (data) => data.disputeInvoiceLine);
  return (
    <ReasonDialog
      {...{ action, onClose }}
      inputOf={(reason) => ({ invoiceId: invoice.id, lineId: line.id, reason })}
      title={`Dispute “${describe(line)}”?`}
      description="Of what credit notes leave of the line. The lab reads the reason, and reminds you of nothing that is disputed until it has decided."
      confirm="Dispute"
      kind="primary"
      done="The line is disputed"
    />
  );
}

export function RejectDialog({ dispute, onClose }: { dispute: Dispute; onClose: () => void }) {
  const action = useAction(RejectInvoiceDispute, (data) => data.rejectInvoiceDispute);
  return (
    <ReasonDialog
      {...{ action, onClose }}
      inputOf={(reason) => ({ disputeId: dispute.id, reason })}
      title="Reject the dispute?"
      description="The line is right as it is. The partner can read the reason. One that is wrong is settled by a credit note."
      confirm="Reject"
      done="The dispute is rejected"
    />
  );
}
