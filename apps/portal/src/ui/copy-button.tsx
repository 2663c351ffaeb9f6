import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, IconButton } from './button';

const SHOWN_MILLISECONDS = 1_600;

interface CopyButtonProps {
  text: string;
  /** What is copied: "the key", "the command". */
  what: string;
  withLabel?: boolean;
}

export function CopyButton({ text, what, withLabel }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => void copyText(text).then(setCopied);
  const icon = copied ? Check : Copy;
  return (
    <>
      {withLabel ? (
        <Button small icon={icon} onClick={copy}>
          {copied ? 'Copied' : `Copy ${what}`}
        </Button>
      ) : (
        <IconButton icon={icon} label={copied ? 'Copied' : `Copy ${what}`} onClick={copy} />
      )}
      <span role="status" className="sr-only">
        {copied && 'Copied'}
      </span>
    </>
  );
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Where the clipboard is closed to pages without https. */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'sr-only';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
