import { useState } from 'react';
import { useRequest } from '../api';
import { formatCount, plural, words } from '../format';
import { Badge, Button, classNames, EmptyState, Loaded, Switch } from '../ui';
import { PreparationPreview, type PreviewRow } from './documents';

/** The first rows as the model reads them, with what it learns marked. */
export function Preview({ preparationId }: { preparationId: string }) {
  const request = useRequest(PreparationPreview, { id: preparationId });
  return (
    <Loaded request={request}>{({ node }) => (node && 'preview' in node ? <Rows rows={node.preview} /> : null)}</Loaded>
  );
}

function Rows({ rows }: { rows: readonly PreviewRow[] }) {
  const [index, setIndex] = useState(0);
  const [tokenEdges, setTokenEdges] = useState(false);
  const row = rows[index];
  if (!row) return <EmptyState title="No preview">Rows are shown once the data is ready for training.</EmptyState>;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <Legend />
        <Switch label="Show token edges" checked={tokenEdges} onChange={setTokenEdges} />
      </div>
      <article aria-label={`Line ${row.line}`} className="rounded-lg border border-line bg-surface">
        <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2">
          <h3 className="font-semibold">Line {formatCount(row.line)}</h3>
          <Badge>{words(row.split)}</Badge>
          {row.truncated && <Badge tone="warn">Cut to the limit</Badge>}
          <span className="text-sm text-ink-soft">
            {plural(row.tokens, 'token')}, {formatCount(row.trainedTokens)} of them trained on
          </span>
          <nav aria-label="Rows of the preview" className="ml-auto flex items-center gap-2 text-sm text-ink-soft">
            {index + 1} of {rows.length}
            <Button small disabled={index === 0} onClick={() => setIndex(index - 1)}>
              Previous
            </Button>
            <Button small disabled={index === rows.length - 1} onClick={() => setIndex(index + 1)}>
              Next
            </Button>
          </nav>
        </header>
        <p className="px-4 py-3 font-mono text-sm leading-loose break-words whitespace-pre-wrap">
          {row.pieces.map((piece, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a row neither move nor change.
            <Piece key={`${row.line} ${place}`} piece={piece} edge={tokenEdges} />
          ))}
        </p>
      </article>
    </div>
  );
}

const TRAINED = 'border-b-2 border-accent bg-accent-wash text-ink';
const SPECIAL = 'rounded-sm bg-sunken text-ink-faint';

function Piece({ piece, edge }: { piece: PreviewRow['pieces'][number]; edge: boolean }) {
  const { text, trained, special, tokenIds } = piece;
  const Element = trained ? 'mark' : 'span';
  return (
    <Element
      title={`${tokenIds.length === 1 ? 'Token' : 'Tokens'} ${tokenIds.join(', ')}`}
      className={classNames(
        trained ? TRAINED : 'bg-transparent text-ink-soft',
        special && (trained ? 'text-ink-faint' : SPECIAL),
        edge && 'outline-1 -outline-offset-1 outline-line-strong/60 outline-solid',
      )}
    >
      {text}
    </Element>
  );
}

function Legend() {
  return (
    <ul aria-label="What is marked" className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
      <li>
        <span className={classNames('px-1', TRAINED)}>Trained on</span>{' '}
        <span className="text-ink-soft">the model learns to write it</span>
      </li>
      <li>
        <span className="px-1 text-ink-soft">Only read</span>{' '}
        <span className="text-ink-soft">context for what follows</span>
      </li>
      <li>
        <span className={classNames('px-1', SPECIAL)}>&lt;|mark|&gt;</span>{' '}
        <span className="text-ink-soft">written by the chat template</span>
      </li>
    </ul>
  );
}
