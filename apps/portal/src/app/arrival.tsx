import type { ReactNode } from 'react';
import { Mark } from './mark';

/** Pages before there is a session: the mark, and one thing to do. */
export function Arrival({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center px-5 py-12">
      <p className="mb-8 flex items-center gap-2 text-lg font-semibold tracking-tight">
        <Mark />
        Forkpoint
      </p>
      <h1 className="mb-5 text-2xl font-semibold tracking-tight">{title}</h1>
      {children}
    </main>
  );
}
