import { FileUp } from 'lucide-react';
import { type DragEvent, useId, useRef, useState } from 'react';
import { Button, classNames } from '../ui';

interface FileDropProps {
  /** What a dropped file becomes: "Drop a JSONL file to add a version". */
  title: string;
  /** What is taken, and up to what size. */
  hint?: string;
  /** Such as `.jsonl,.gz`, for the list of files that the browser shows; any file may be dropped. */
  accept?: string;
  /** Why nothing may be sent. */
  whyNot?: string | null;
  onFile: (file: File) => void;
}

/** Takes a file by drag and drop or by choosing; the button does for the keyboard what dropping does for the mouse. */
export function FileDrop({ title, hint, accept, whyNot, onFile }: FileDropProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file && !whyNot) onFile(file);
  };
  const allow = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = whyNot ? 'none' : 'copy';
    setOver(!whyNot);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for the fields of a form.
    <div
      role="group"
      aria-labelledby={id}
      onDragEnter={allow}
      onDragOver={allow}
      onDragLeave={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
      className={classNames(
        'flex flex-wrap items-center justify-between gap-x-6 gap-y-2 rounded-lg border border-dashed px-5 py-4 transition-colors',
        over ? 'border-accent bg-accent-wash' : 'border-line-strong/70 bg-surface',
      )}
    >
      <div className="flex min-w-0 items-center gap-3">
        <FileUp aria-hidden className={classNames('size-5 shrink-0', over ? 'text-accent' : 'text-ink-faint')} />
        <div className="min-w-0">
          <p id={id} className="font-medium">
            {title}
          </p>
          {hint && <p className="text-sm text-ink-faint">{hint}</p>}
        </div>
      </div>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        aria-label={title}
        onChange={(event) => {
          take(event.currentTarget.files);
          // The same file chosen again is a choice too.
          event.currentTarget.value = '';
        }}
      />
      <Button whyNot={whyNot} onClick={() => input.current?.click()}>
        Choose a file
      </Button>
    </div>
  );
}
