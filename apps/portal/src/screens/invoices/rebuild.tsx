import { Download } from 'lucide-react';
import { type ResultOf, useAction, useDownload, usePolling } from '../../api';
import { formatBytes } from '../../format';
import { Button, Card, Code, CopyButton, Failures, Notice } from '../../ui';
import { ExportInvoice, type Invoice, InvoiceFile } from './documents';

/** The file that the invoice can be made from again, offline, and how to see that it is the same. */
export function Rebuild({ invoice, refresh }: { invoice: Invoice; refresh: () => void }) {
  const { id, documentSha256, export: file } = invoice;
  return (
    <Card
      title="Rebuild and verify"
      description="An invoice follows from its contract and its usage alone. Fetch both as one file and make it again on a machine of your own: no database, no network."
    >
      <ol className="flex list-decimal flex-col gap-3 pl-5">
        <li>
          <HistoryFile id={id} file={file} refresh={refresh} />
        </li>
        <li>
          <p className="mb-1.5">In a checkout of Forkpoint, run</p>
          <Code label="the command" code={`npm run invoice:rebuild -- ${id}.jsonl.gz`} />
        </li>
        <li>
          Compare the hash that it prints with the one of the invoice that you received:
          <span className="flex items-center gap-2">
            <span className="font-mono text-sm break-all">{documentSha256}</span>
            <CopyButton text={documentSha256 ?? ''} what="the hash" />
          </span>
        </li>
      </ol>
    </Card>
  );
}

interface HistoryFileProps {
  id: string;
  file: Invoice['export'];
  refresh: () => void;
}

/** It is made when somebody asks for it, which takes a while, and once for all. */
function HistoryFile({ id, file, refresh }: HistoryFileProps) {
  const isBeingMade = file !== null && file.readyAt === null;
  usePolling(refresh, isBeingMade);
  if (isBeingMade) return <Notice title="The file is being made">It is here in a moment.</Notice>;
  return file ? <FileDownload id={id} file={file} /> : <FileRequest id={id} />;
}

function FileRequest({ id }: { id: string }) {
  const { run, busy, failures } = useAction(ExportInvoice, (data) => data.exportInvoice);
  return (
    <div className="flex flex-col items-start gap-2">
      <span>Have the file made; it holds all usage of the contract up to this invoice.</span>
      <Button busy={busy} onClick={() => void run({ invoiceId: id })}>
        Make the file
      </Button>
      <Failures failures={failures} />
    </div>
  );
}

function FileDownload({ id, file: { bytes, sha256 } }: { id: string; file: NonNullable<Invoice['export']> }) {
  const { download, failures } = useDownload(InvoiceFile, urlOfFile);
  return (
    <div className="flex flex-col items-start gap-2">
      <Button icon={Download} onClick={() => void download({ id })}>
        Download {bytes !== null && formatBytes(bytes)}
      </Button>
      {sha256 && <span className="font-mono text-sm break-all text-ink-faint">SHA-256 {sha256}</span>}
      <Failures failures={failures} />
    </div>
  );
}

function urlOfFile({ node }: ResultOf<typeof InvoiceFile>): string | undefined {
  return node && 'export' in node ? node.export?.file?.url : undefined;
}
