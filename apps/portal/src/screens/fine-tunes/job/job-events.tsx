import { useEffect, useRef, useState } from 'react';
import { Card, classNames, Switch, Time } from '../../../ui';
import type { JobEvent } from './documents';

const TONES: Readonly<Record<string, string>> = { warn: 'text-warn', error: 'text-bad' };

/** What happened, newest last; it follows unless one reads further up. */
export function JobEvents({ events }: { events: readonly JobEvent[] }) {
  const list = useRef<HTMLOListElement>(null);
  const [follow, setFollow] = useState(true);
  const shown = events.filter(({ type }) => type !== 'log');
  // biome-ignore lint/correctness/useExhaustiveDependencies: new events scroll it.
  useEffect(() => {
    if (follow && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [shown.length, follow]);
  return (
    <Card title="Events" actions={<Switch label="Follow" checked={follow} onChange={setFollow} />}>
      {shown.length === 0 ? (
        <p className="text-ink-soft">Nothing has happened yet.</p>
      ) : (
        <ol
          ref={list}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
          tabIndex={0}
          aria-label="Events, oldest first"
          className="flex max-h-80 flex-col gap-1.5 overflow-y-auto"
        >
          {shown.map(({ id, level, message, createdAt }) => (
            <li key={id} className="flex gap-2.5">
              <span className="shrink-0 text-sm text-ink-faint">
                <Time at={createdAt} style="clock" />
              </span>
              <span className={classNames('min-w-0 break-words', TONES[level])}>
                {TONES[level] && <span className="sr-only">{level}: </span>}
                {message}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
