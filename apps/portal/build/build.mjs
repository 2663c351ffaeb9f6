// `npm run build:portal`: the pages as files, each with compressed twins beside it, and what the first visit has to fetch.
//
//   node apps/portal/build/build.mjs [OUTPUT]        dist/portal if none is named
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { compressFiles } from './compress.mjs';
import { reportSizes } from './sizes.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const output = resolve(process.argv[2] ?? resolve(root, '../../dist/portal'));

await build({ configFile: resolve(root, 'vite.config.ts'), build: { outDir: output }, logLevel: 'warn' });
compressFiles(output);
process.exitCode = reportSizes(output) ? 0 : 1;
