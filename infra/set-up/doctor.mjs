// `npm run doctor`: says what is missing or in the way, each with the mend. Installs nothing.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blockers, checkHome, checkMachine, describe } from './prerequisites.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const findings = [...checkMachine(root), ...(await checkHome(root))];
for (const finding of findings) console.log(describe(finding));
const missing = blockers(findings).length;
console.log(
  missing === 0 ? '\nNothing is in the way.' : `\n${missing} thing${missing === 1 ? ' is' : 's are'} in the way.`,
);
process.exitCode = missing === 0 ? 0 : 1;
