import { Link, type LinkProps } from '@tanstack/react-router';
import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names';

export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger';

const KINDS: Record<ButtonKind, string> = {
  primary: 'bg-accent text-accent-ink border-transparent hover:bg-accent-strong',
  secondary: 'bg-surface text-ink border-line-strong/60 hover:border-line-strong hover:bg-sunken',
  quiet: 'bg-transparent text-ink-soft border-transparent hover:bg-sunken hover:text-ink',
  danger: 'bg-surface text-bad border-bad/60 hover:bg-bad-wash',
};
const SHAPE =
  'inline-flex items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none transition-colors ' +
  'aria-disabled:opacity-55 disabled:opacity-55';

export function buttonClasses({ kind = 'secondary', small = false }: { kind?: ButtonKind; small?: boolean }): string {
  return classNames(SHAPE, KINDS[kind], small ? 'h-7 px-2 text-sm' : 'h-8.5 px-3.5 text-base');
}

export interface ButtonProps extends ComponentProps<'button'> {
  kind?: ButtonKind;
  small?: boolean;
  icon?: LucideIcon;
  /** Something that it began is under way; it can not be pressed meanwhile, and keeps the focus. */
  busy?: boolean;
  /** Why it can not be pressed. It stays reachable so that the reason can be read. */
  whyNot?: string | null;
}

export function Button({ kind, small, icon: Icon, busy = false, whyNot, className, children, ...rest }: ButtonProps) {
  const inert = busy || Boolean(whyNot);
  return (
    <button
      type="button"
      {...rest}
      {...(inert ? { 'aria-disabled': true, onClick: (event) => event.preventDefault() } : {})}
      {...(whyNot ? { title: whyNot } : {})}
      className={classNames(buttonClasses({ kind, small }), className)}
    >
      {busy ? (
        <LoaderCircle aria-hidden className="size-4 animate-spin" />
      ) : (
        Icon && <Icon aria-hidden className="size-4" />
      )}
      {children}
      {whyNot && <span className="sr-only">({whyNot})</span>}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  icon: LucideIcon;
  /** What it does, for who does not see the picture; also its tooltip. */
  label: string;
}

export function IconButton({ icon: Icon, label, kind = 'quiet', busy, whyNot, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={whyNot ?? label}
      {...rest}
      {...(busy || whyNot ? { 'aria-disabled': true, onClick: (event) => event.preventDefault() } : {})}
      className={classNames(SHAPE, KINDS[kind], 'size-8', className)}
    >
      {busy ? <LoaderCircle aria-hidden className="size-4 animate-spin" /> : <Icon aria-hidden className="size-4" />}
    </button>
  );
}

export type LinkButtonProps = LinkProps & {
  kind?: ButtonKind;
  small?: boolean;
  icon?: LucideIcon;
  className?: string;
  children: ReactNode;
};

/** Looks like a button and leads somewhere. */
export function LinkButton({ kind, small, icon: Icon, className, children, ...link }: LinkButtonProps) {
  return (
    <Link {...link} className={classNames(buttonClasses({ kind, small }), className)}>
      {Icon && <Icon aria-hidden className="size-4" />}
      {children}
    </Link>
  );
}

/** A link in running text or a table. */
export function TextLink({ className, ...link }: LinkProps & { className?: string; children: ReactNode }) {
  return (
    <Link
      {...link}
      className={classNames('text-accent underline-offset-2 hover:underline decoration-accent/50', className)}
    />
  );
}
