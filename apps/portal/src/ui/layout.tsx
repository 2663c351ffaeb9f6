import { ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { TextLink } from './button';
import { classNames } from './class-names';

interface Crumb {
  label: string;
  to: string;
}

interface PageHeaderProps {
  title: string;
  /** Where this page is below, outermost first. */
  crumbs?: readonly Crumb[];
  /** Beside the title: a state. */
  status?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}

/** The one heading of the first level: names the page and its tab, and takes the focus on arrival. */
export function PageHeader({ title, crumbs = [], status, children, actions }: PageHeaderProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Forkpoint`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        {crumbs.length > 0 && (
          <nav aria-label="Where this is" className="mb-0.5">
            <ol className="flex flex-wrap items-center gap-1 text-sm text-ink-faint">
              {crumbs.map(({ label, to }) => (
                <li key={to} className="flex items-center gap-1">
                  <TextLink to={to}>{label}</TextLink>
                  <ChevronRight aria-hidden className="size-3.5" />
                </li>
              ))}
            </ol>
          </nav>
        )}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 ref={heading} tabIndex={-1} className="text-2xl leading-tight font-semibold tracking-tight break-words">
            {title}
          </h1>
          {status}
        </div>
        {children && <div className="mt-1 max-w-prose text-ink-soft">{children}</div>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

interface SectionProps {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A part of a page under a heading of its own. */
export function Section({ title, description, actions, className, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classNames('flex min-w-0 flex-col gap-3', className)}>
      <SectionHeading id={id} title={title} description={description} actions={actions} />
      {children}
    </section>
  );
}

/** The same on a surface of its own. */
export function Card({ title, description, actions, className, children }: SectionProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={classNames(
        'flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-surface px-5 py-4',
        className,
      )}
    >
      <SectionHeading id={id} title={title} description={description} actions={actions} />
      {children}
    </section>
  );
}

function SectionHeading({ id, title, description, actions }: Omit<SectionProps, 'children'> & { id: string }) {
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
      <div className="min-w-0 flex-1 basis-56">
        <h2 id={id} className="text-lg font-semibold">
          {title}
        </h2>
        {description && <p className="max-w-prose text-ink-soft">{description}</p>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  );
}

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Names and values: what a thing is. */
export function Facts({ facts, columns = false }: { facts: readonly Fact[]; columns?: boolean }) {
  return (
    <dl
      className={classNames(
        'gap-x-6',
        columns
          ? 'grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-y-3'
          : 'grid grid-cols-[minmax(6rem,auto)_minmax(0,1fr)] items-baseline gap-y-1',
      )}
    >
      {facts.map(({ label, value }) => (
        <div key={label} className={columns ? 'min-w-0' : 'contents'}>
          <dt className="text-sm text-ink-faint">{label}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
