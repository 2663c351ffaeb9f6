import { Rocket } from 'lucide-react';
import type { Failure, RequestState } from '../../../api';
import { formatCount, formatDuration, formatTokens } from '../../../format';
import { Amount, Button, Card, CodeTabs, Facts, Failures, LoadingState } from '../../../ui';
import type { BaseCheckpoint, Quote } from '../documents';
import { sameAs } from './same-as';
import type { JobRequest } from './settings';

interface ReviewProps {
  base: BaseCheckpoint | null;
  filename: string | null;
  request: JobRequest | null;
  quote: RequestState<{ fineTuneQuote: Quote }> | null;
  /** Why it can not be launched yet: what to do next. */
  whyNot: string | null;
  busy: boolean;
  failures: readonly Failure[];
  onLaunch: () => void;
}

/** What will be launched, what it costs at most, and the button. */
export function Review({ base, filename, request, quote, whyNot, busy, failures, onLaunch }: ReviewProps) {
  const quoted = quote?.status === 'ready' && quote.data.fineTuneQuote.ready ? quote.data.fineTuneQuote : null;
  return (
    <div className="flex flex-col gap-5">
      <Card title="4. Review and launch">
        <Facts
          facts={[
            { label: 'Base', value: <span className="break-all">{base?.name ?? '–'}</span> },
            { label: 'Data', value: filename ?? '–' },
            { label: 'Changed', value: changedOf(request) },
          ]}
        />
        <div aria-live="polite" className="border-t border-line pt-3">
          {quoted ? (
            <Quoted quote={quoted} refreshing={quote?.refreshing ?? false} />
          ) : quote?.status === 'failed' ? (
            <Failures failures={[quote.failure]} />
          ) : quote ? (
            <LoadingState lines={2} label="Asking for a quote" />
          ) : (
            <p className="text-ink-soft">The quote comes as soon as the file is validated.</p>
          )}
        </div>
        <Failures failures={failures} />
        <Button kind="primary" icon={Rocket} busy={busy} whyNot={whyNot} onClick={onLaunch}>
          Launch fine-tune
        </Button>
        <p className="text-sm text-ink-faint">
          {whyNot ?? 'It is billed by the tokens it trains on, never more than quoted; it can be paused and cancelled.'}
        </p>
      </Card>
      {request && (
        <Card title="The same as" description="What this page asks for, from a program or a terminal.">
          <CodeTabs label="The same from elsewhere" variants={sameAs(request, location.origin)} />
        </Card>
      )}
    </div>
  );
}

function Quoted({ quote, refreshing }: { quote: Quote; refreshing: boolean }) {
  const { price, hardCap, tokens, steps, estimatedSeconds } = quote;
  return (
    <div className={refreshing ? 'opacity-60' : undefined}>
      {price && (
        <p className="text-2xl leading-tight font-semibold">
          <Amount money={hardCap ?? price} />
          <span className="text-base font-normal text-ink-soft"> at most</span>
        </p>
      )}
      <p className="mt-1 text-ink-soft">
        {tokens && `${formatTokens(tokens)} in `}
        {steps !== null && `${formatCount(steps)} steps`}
        {estimatedSeconds !== null && `, about ${formatDuration(estimatedSeconds)} once it runs`}
      </p>
    </div>
  );
}

function changedOf(request: JobRequest | null): string {
  const changed = [
    ...Object.entries(request?.hyperparameters ?? {}),
    ...Object.entries(request?.dataPolicy ?? {}),
    ...(request?.seed === undefined || request.seed === null ? [] : [['seed', request.seed] as const]),
  ];
  if (changed.length === 0) return 'nothing: the recommended recipe';
  return changed.map(([name, value]) => `${spaced(name)} ${String(value).toLowerCase()}`).join(', ');
}

function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
