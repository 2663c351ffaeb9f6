import { LoadingState } from '../ui';
import { Mark } from './mark';

/** While it is asked who is there: the same as index.html shows before there is any script, so that nothing jumps. */
export function Opening() {
  return (
    <main className="mx-auto flex max-w-sm flex-col gap-5 px-5 py-12">
      <p className="flex items-center gap-2 text-lg font-semibold tracking-tight">
        <Mark />
        Forkpoint
      </p>
      <h1 className="text-2xl font-semibold tracking-tight">
        Pick a checkpoint of a lab's training runs, fine-tune it, deploy it, call it.
      </h1>
      <LoadingState label="Loading the portal" />
    </main>
  );
}
