import { CircleAlert, CircleCheck, Lock, type LucideIcon, RotateCw, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Failure, isForbidden, type RequestState } from '../api';
import { Button } from './button';
import { classNames } from './class-names';

interface StateProps {
  icon?: LucideIcon;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  tone?: 'plain' | 'bad';
  role?: 'alert' | 'status';
}

function State({ icon: Icon, title, children, actions, tone = 'plain', role }: StateProps) {
  return (
    <div
      role={role}
      className="flex flex-col items-start gap-1.5 rounded-lg border border-dashed border-line-strong/50 px-6 py-7"
    >
      <p className={classNames('flex items-center gap-2 text-lg font-semibold', tone === 'bad' && 'text-bad')}>
        {Icon && <Icon aria-hidden className="size-4.5 shrink-0" />}
        {title}
      </p>
      {children && <div className="max-w-prose text-ink-soft">{children}</div>}
      {actions && <div className="mt-2.5 flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}

interface EmptyStateProps {
  icon?: LucideIcon;
  /** What is not there: "No datasets yet". */
  title: ReactNode;
  /** What it would be good for, and how to get one. */
  children?: ReactNode;
  actions?: ReactNode;
}

export function EmptyState(props: EmptyStateProps) {
  return <State {...props} />;
}

/** As much grey as the page will have text: nothing jumps when it comes. */
export function LoadingState({ lines = 4, label = 'Loading' }: { lines?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-3 py-1">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a skeleton are nobody in particular.
        <div key={line} className={classNames('skeleton h-4', LINE_WIDTHS[line % LINE_WIDTHS.length])} />
      ))}
    </div>
  );
}
const LINE_WIDTHS = ['w-2/5', 'w-full', 'w-11/12', 'w-4/5'];

interface ErrorStateProps {
  failure: Failure;
  onRetry?: () => void;
}

export function ErrorState({ failure, onRetry }: ErrorStateProps) {
  if (isForbidden(failure)) return <NoPermission message={failure.message} />;
  return (
    <State
      role="alert"
      icon={CircleAlert}
      tone="bad"
      title={failure.code.endsWith('_NOT_FOUND') ? 'This is not here' : 'This could not be loaded'}
      actions={
        onRetry && (
          <Button icon={RotateCw} onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      <p>{failure.message}</p>
      <FailureReference failure={failure} />
    </State>
  );
}

export function NoPermission({ message, children }: { message?: string; children?: ReactNode }) {
  return (
    <State icon={Lock} title="Your role does not allow this">
      {message && <p>{message}</p>}
      {children}
    </State>
  );
}

/** Some of what the page shows could not be had. */
export function PartialNotice({ missing, onRetry }: { missing: readonly Failure[]; onRetry?: () => void }) {
  if (missing.length === 0) return null;
  const places = [...new Set(missing.map(({ path }) => path.at(-1)).filter(Boolean))].join(', ');
  return (
    <Notice
      tone="warn"
      title={places ? `Shown without ${places}` : 'Some of this is missing'}
      actions={
        onRetry && (
          <Button small icon={RotateCw} onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      {missing[0]?.message}
    </Notice>
  );
}

const TONES = {
  plain: 'border-line bg-sunken text-ink',
  warn: 'border-warn/40 bg-warn-wash text-warn',
  bad: 'border-bad/40 bg-bad-wash text-bad',
  ok: 'border-ok/40 bg-ok-wash text-ok',
} as const;

interface NoticeProps {
  tone?: keyof typeof TONES;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  role?: 'alert' | 'status';
}

/** One thing to know about what is on the page. */
export function Notice({ tone = 'plain', title, children, actions, role }: NoticeProps) {
  const Sign = tone === 'ok' ? CircleCheck : TriangleAlert;
  return (
    <div role={role} className={classNames('flex items-start gap-2.5 rounded-md border px-3.5 py-2.5', TONES[tone])}>
      {tone !== 'plain' && <Sign aria-hidden className="mt-0.75 size-4 shrink-0" />}
      <div className="min-w-0 grow">
        <p className="font-medium">{title}</p>
        {children && <div className="text-ink-soft">{children}</div>}
      </div>
      {actions}
    </div>
  );
}

/** What the api refused, above the button that asked for it. */
export function Failures({ failures }: { failures: readonly Failure[] }) {
  if (failures.length === 0) return null;
  return (
    <div
      role="alert"
      className="flex flex-col gap-1 rounded-md border border-bad/40 bg-bad-wash px-3.5 py-2.5 text-bad"
    >
      {failures.map((failure) => (
        <div key={`${failure.code} ${failure.path.join('.')}`}>
          <p>{failure.message}</p>
          <FailureReference failure={failure} />
        </div>
      ))}
    </div>
  );
}

function FailureReference({ failure }: { failure: Failure }) {
  return (
    <p className="font-mono text-xs text-ink-faint">
      {failure.code}
      {failure.requestId && ` · request ${failure.requestId}`}
    </p>
  );
}

interface LoadedProps<Data> {
  request: RequestState<Data>;
  /** In place of the usual skeleton. */
  skeleton?: ReactNode;
  children: (data: Data) => ReactNode;
}

/** Loading, failed, forbidden, partial, there: the same on every screen. What is empty, the screen says itself. */
export function Loaded<Data>({ request, skeleton, children }: LoadedProps<Data>) {
  if (request.status === 'loading') return skeleton ?? <LoadingState />;
  if (request.status === 'failed') return <ErrorState failure={request.failure} onRetry={request.refresh} />;
  return (
    <>
      <PartialNotice missing={request.missing} onRetry={request.refresh} />
      {children(request.data)}
    </>
  );
}
