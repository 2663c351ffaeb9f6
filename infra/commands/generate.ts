import { runGenerators } from '../generate/run-generators.js';

/** `npm run generate` writes the generated files; with --check it only says which of them would change. */
const check = process.argv.includes('--check');
const changed = await runGenerators({ check });
if (changed.length === 0) console.log('Generated files are up to date.');
else if (!check) console.log(`Written: ${changed.join(', ')}`);
else {
  console.error(`Out of date: ${changed.join(', ')}\nWhat to do: npm run generate, and commit the result.`);
  process.exitCode = 1;
}
