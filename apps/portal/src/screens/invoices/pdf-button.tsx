import { FileText } from 'lucide-react';
import { useState } from 'react';
import { csrfHeaders, type Failure, failureOfResponse, unreachable } from '../../api';
import { Button, Failures } from '../../ui';

/** Fetches a final invoice as PDF: by a call, since a link can't prove that it comes from this page. */
export function PdfButton({ invoiceId }: { invoiceId: string }) {
  const [busy, setBusy] = useState(false);
  const [failures, setFailures] = useState<Failure[]>([]);
  const fetchFile = async () => {
    setBusy(true);
    const answer = await pdfOf(invoiceId);
    setBusy(false);
    if (answer instanceof Blob) save(answer, `${invoiceId}.pdf`);
    setFailures(answer instanceof Blob ? [] : [answer]);
  };
  return (
    <>
      <Button icon={FileText} busy={busy} onClick={() => void fetchFile()}>
        PDF
      </Button>
      <Failures failures={failures} />
    </>
  );
}

async function pdfOf(invoiceId: string): Promise<Blob | Failure> {
  try {
    const response = await fetch(`/v1/invoices/${invoiceId}/pdf`, { headers: csrfHeaders() });
    return response.ok ? await response.blob() : await failureOfResponse(response);
  } catch {
    return unreachable();
  }
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
