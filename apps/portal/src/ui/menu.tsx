import { Menu as BaseMenu } from '@base-ui/react/menu';
import { useNavigate } from '@tanstack/react-router';
import { Check, type LucideIcon } from 'lucide-react';
import { type ReactElement, type ReactNode, use } from 'react';
import { classNames } from './class-names';
import { PopupContainer } from './popup-container';

interface MenuProps {
  /** A button. */
  trigger: ReactElement;
  align?: 'start' | 'end';
  side?: 'bottom' | 'top';
  defaultOpen?: boolean;
  children: ReactNode;
}

export function Menu({ trigger, align = 'end', side = 'bottom', defaultOpen, children }: MenuProps) {
  return (
    <BaseMenu.Root defaultOpen={defaultOpen}>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal container={use(PopupContainer)}>
        <BaseMenu.Positioner align={align} side={side} sideOffset={4} className="z-50">
          <BaseMenu.Popup className="max-h-(--available-height) min-w-48 overflow-y-auto rounded-md border border-line bg-raised py-1 shadow-lg outline-none">
            {children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

const ITEM =
  'flex cursor-default items-center gap-2 px-3 py-1.5 select-none outline-none data-highlighted:bg-accent-wash data-disabled:text-ink-faint';

interface MenuItemProps {
  icon?: LucideIcon;
  danger?: boolean;
  disabled?: boolean;
  /** Where it leads, or what it does. */
  to?: string;
  search?: Record<string, unknown>;
  onSelect?: () => void;
  children: ReactNode;
}

export function MenuItem({ icon: Icon, danger, disabled, to, search, onSelect, children }: MenuItemProps) {
  const navigate = useNavigate();
  const act = () => (to === undefined ? onSelect?.() : void navigate({ to, search: search as never }));
  return (
    <BaseMenu.Item disabled={disabled} onClick={act} className={classNames(ITEM, danger && 'text-bad')}>
      {Icon && <Icon aria-hidden className="size-4 shrink-0 text-ink-faint" />}
      {children}
    </BaseMenu.Item>
  );
}

interface MenuChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: ReadonlyArray<{ value: Value; label: ReactNode }>;
  onChange: (value: Value) => void;
}

/** One of several, with a tick at the one that holds. */
export function MenuChoice<Value extends string>({ label, value, options, onChange }: MenuChoiceProps<Value>) {
  return (
    <BaseMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as Value)}>
      <BaseMenu.Group>
        <BaseMenu.GroupLabel className="px-3 pt-1.5 pb-1 text-xs text-ink-faint">{label}</BaseMenu.GroupLabel>
        {options.map((option) => (
          <BaseMenu.RadioItem key={option.value} value={option.value} closeOnClick className={ITEM}>
            <span aria-hidden className="size-4">
              <BaseMenu.RadioItemIndicator>
                <Check className="size-4 text-accent" />
              </BaseMenu.RadioItemIndicator>
            </span>
            {option.label}
          </BaseMenu.RadioItem>
        ))}
      </BaseMenu.Group>
    </BaseMenu.RadioGroup>
  );
}

export function MenuSeparator() {
  return <BaseMenu.Separator className="my-1 h-px bg-line" />;
}
