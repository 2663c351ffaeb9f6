// How dependency-cruiser follows `#libs/...`: the same as "paths" of tsconfig.json, in the form its resolver understands.
// (The one it uses for tsconfig.json gets patterns wrong whose star is not at their end.)
const { resolve } = require('node:path');

const { paths } = require('typescript').readConfigFile(resolve(__dirname, '../../tsconfig.json'), (file) =>
  require('node:fs').readFileSync(file, 'utf8'),
).config.compilerOptions;

module.exports = {
  resolve: {
    alias: Object.fromEntries(
      Object.entries(paths).map(([pattern, [target]]) => [pattern, resolve(process.cwd(), target)]),
    ),
  },
};
