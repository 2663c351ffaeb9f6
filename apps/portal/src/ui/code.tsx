import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import { CopyButton } from './copy-button';
import { Scroll } from './scroll';

interface CodeProps {
  code: string;
  label: string;
}

/** A piece of code to copy. */
export function Code({ code, label }: CodeProps) {
  return (
    <div className="relative min-w-0 rounded-md border border-line bg-sunken">
      <Scroll label={label} className="rounded-md">
        <pre className="px-3.5 py-3 pr-12 font-mono text-sm leading-relaxed whitespace-pre">{code}</pre>
      </Scroll>
      <div className="absolute top-1 right-1 rounded-md bg-sunken">
        <CopyButton text={code} what={label} />
      </div>
    </div>
  );
}

export interface CodeVariant {
  name: string;
  code: string;
  /** What the code alone does not say. */
  note?: string;
}

/** The same in several languages; the choice stays for the next page. */
export function CodeTabs({ label, variants }: { label: string; variants: readonly CodeVariant[] }) {
  return (
    <BaseTabs.Root defaultValue={rememberedVariant(variants)} onValueChange={(name) => remember(String(name))}>
      <BaseTabs.List aria-label={label} className="mb-2 flex gap-1">
        {variants.map(({ name }) => (
          <BaseTabs.Tab
            key={name}
            value={name}
            className="rounded-md px-2.5 py-1 text-sm font-medium text-ink-soft hover:text-ink data-active:bg-accent-wash data-active:text-accent"
          >
            {name}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
      {variants.map(({ name, code, note }) => (
        <BaseTabs.Panel key={name} value={name} className="flex min-w-0 flex-col gap-1.5">
          <Code code={code} label={`${name} code`} />
          {note && <p className="text-sm text-ink-faint">{note}</p>}
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  );
}

let lastVariant: string | undefined;
function remember(name: string): void {
  lastVariant = name;
}
function rememberedVariant(variants: readonly CodeVariant[]): string | undefined {
  return variants.find(({ name }) => name === lastVariant)?.name ?? variants[0]?.name;
}
