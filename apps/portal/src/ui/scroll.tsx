import type { ReactNode } from 'react';
import { classNames } from './class-names';

/** What is wider than its place: it scrolls, and takes the focus so that arrow keys scroll it too. */
export function Scroll({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
    <section aria-label={label} tabIndex={0} className={classNames('relative min-w-0 overflow-x-auto', className)}>
      {children}
    </section>
  );
}
