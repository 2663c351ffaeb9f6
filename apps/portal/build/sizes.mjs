// What each page makes a browser fetch, by the manifest that Vite wrote; the first ones have a limit.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const ENTRY = 'index.html';
/** What the entry begins once something is painted. */
const START = 'src/app/start.tsx';
/** Where people arrive: with nothing in the cache. */
const FIRST_PAGES = ['src/app/sign-in.tsx', 'src/screens/home/home-screen.tsx'];
const LIMIT_BYTES = 170_000;

/** Prints the sizes; false where a first page is too large. */
export function reportSizes(output) {
  const manifestPath = join(output, 'manifest.json');
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
  // It is ours, not the visitors'.
  for (const suffix of ['', '.br', '.gz']) rmSync(`${manifestPath}${suffix}`, { force: true });
  const sizes = new Map();
  const sizeOf = (file) => {
    if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(join(output, file)), { level: 9 }).length);
    return sizes.get(file);
  };
  const pages = Object.keys(manifest).filter((key) => /^src\/(app|screens)\/.*\.tsx$/.test(key));
  const rows = pages
    .map((page) => ({ page, bytes: sum([...scriptsOf(manifest, [ENTRY, START, page])].map(sizeOf)) }))
    .sort((left, right) => right.bytes - left.bytes);
  console.log(`JavaScript for a first visit, gzip (limit ${kilobytes(LIMIT_BYTES)} for ${FIRST_PAGES.join(' and ')}):`);
  for (const { page, bytes } of rows) console.log(`  ${kilobytes(bytes).padStart(9)}  ${page}`);
  const tooLarge = rows.filter(({ page, bytes }) => FIRST_PAGES.includes(page) && bytes > LIMIT_BYTES);
  for (const { page } of tooLarge) console.error(`${page} is too large: load what it does not need at once later.`);
  return tooLarge.length === 0;
}

function scriptsOf(manifest, keys, found = new Set()) {
  for (const key of keys) {
    const chunk = manifest[key];
    if (!chunk || found.has(chunk.file)) continue;
    found.add(chunk.file);
    scriptsOf(manifest, chunk.imports ?? [], found);
  }
  return found;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
