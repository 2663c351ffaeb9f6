import type { Plugin } from 'vite';

/** The scripts that src/main.tsx begins after the first paint, by their names in vite.config.ts: fetched from the start all the same. */
const BEGUN_LATER: ReadonlySet<string> = new Set(['react', 'router', 'start']);

/** Names the scripts of the start in index.html: they come side by side instead of one asking for the next, but after the style. */
export function preloadStart(): Plugin {
  return {
    name: 'forkpoint:preload-start',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        return Object.values(bundle)
          .filter((chunk) => chunk.type === 'chunk' && BEGUN_LATER.has(chunk.name))
          .map(({ fileName }) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', fetchpriority: 'low', crossorigin: true, href: `/${fileName}` },
            injectTo: 'head' as const,
          }));
      },
    },
  };
}
