import type { ReactNode } from 'react';
import { classNames } from '../../ui';

interface TextBlockProps {
  label: ReactNode;
  className?: string;
  children: ReactNode;
}

/** What was asked, expected or answered, as it is to the letter. */
export function TextBlock({ label, className, children }: TextBlockProps) {
  return (
    <div className={classNames('flex min-w-0 flex-col gap-1', className)}>
      <p className="text-sm text-ink-faint">{label}</p>
      <div className="min-h-8 rounded-md bg-sunken px-3 py-1.5 font-mono text-sm leading-relaxed break-words whitespace-pre-wrap">
        {children}
      </div>
    </div>
  );
}

/** An answer of no letters is one too. */
export function NothingWritten() {
  return <span className="font-sans text-ink-faint">Nothing: the model ended at once.</span>;
}

const SHOWN_CHARACTERS = 600;

/** A prompt; a long one is opened when it is wanted. */
export function Prompt({ text }: { text: string }) {
  if (text.length <= SHOWN_CHARACTERS) return <TextBlock label="Prompt">{text}</TextBlock>;
  return (
    <details>
      <summary className="text-sm text-ink-faint">
        Prompt of {text.length.toLocaleString()} characters: …{text.slice(-80).replaceAll(/\s+/g, ' ')}
      </summary>
      <TextBlock label="In full" className="mt-1">
        {text}
      </TextBlock>
    </details>
  );
}
