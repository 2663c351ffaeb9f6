import { writeFileSync } from 'node:fs';
import { createServer } from 'vite';
import { sha256Hex } from '#libs/kernel';

/**
 * Writes the portal's queries and mutations by the SHA-256 of their text to the file named by the first argument. They are read by
 * Vite, which is what resolves the portal's own modules.
 */
const [file] = process.argv.slice(2);
if (!file) throw new Error('name the file to write');

const server = await createServer({
  configFile: 'apps/portal/vite.config.ts',
  server: { middlewareMode: true, ws: false, hmr: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  appType: 'custom',
  logLevel: 'error',
});
try {
  const { operationTexts } = (await server.ssrLoadModule('/build/operations.ts')) as { operationTexts: () => string[] };
  const operations = operationTexts().map((text): [string, string] => [sha256Hex(text), text]);
  const byName = operations.sort(([, left], [, right]) => (left < right ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(byName), null, 2)}\n`);
} finally {
  await server.close();
}
