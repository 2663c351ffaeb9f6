import { useState } from 'react';
import { useAction } from '../../api';
import { useSession, useWhyNot } from '../../app';
import { Button, ReasonDialog } from '../../ui';
import { type Invoice, MarkInvoiceUncollectible, VoidInvoice } from './documents';
import { invoiceTitle } from './states';

/** What the lab may do about an invoice that is due: take it back, or give it up. */
export function CloseActions({ invoice }: { invoice: Invoice }) {
  const { organization } = useSession();
  const whyNot = useWhyNot()('INVOICES_WRITE');
  const [asked, setAsked] = useState<'void' | 'give up' | null>(null);
  const close = () => setAsked(null);
  if (organization.kind !== 'LAB' || invoice.state !== 'FINALIZED') return null;
  return (
    <>
      <Button whyNot={whyNot} onClick={() => setAsked('void')}>
        Void
      </Button>
      <Button whyNot={whyNot} onClick={() => setAsked('give up')}>
        Give up
      </Button>
      {asked === 'void' && <VoidDialog invoice={invoice} onClose={close} />}
      {asked === 'give up' && <GiveUpDialog invoice={invoice} onClose={close} />}
    </>
  );
}

interface DialogProps {
  invoice: Invoice;
  onClose: () => void;
}

function VoidDialog({ invoice, onClose }: DialogProps) {
  const action = useAction(VoidInvoice, (data) => data.voidInvoice);
  const title = invoiceTitle(invoice);
  return (
    <ReasonDialog
      {...{ action, onClose }}
      inputOf={(reason) => ({ invoiceId: invoice.id, reason })}
      title={`Void ${title.toLowerCase()}?`}
      description="All of it is taken back, and what it charged is not invoiced anew. Refused once something was paid. The partner can read the reason."
      confirm="Void"
      done={`${title} is void`}
    />
  );
}

function GiveUpDialog({ invoice, onClose }: DialogProps) {
  const action = useAction(MarkInvoiceUncollectible, (data) => data.markInvoiceUncollectible);
  const title = invoiceTitle(invoice);
  return (
    <ReasonDialog
      {...{ action, onClose }}
      inputOf={(reason) => ({ invoiceId: invoice.id, reason })}
      title={`Give up what is open on ${title.toLowerCase()}?`}
      description="It is written off. A payment that comes after all makes it due again. The partner can read the reason."
      confirm="Give up"
      done={`${title} is given up`}
    />
  );
}
