import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const DIRECTORY = process.env['CONTRACTS_DIR'];
const DOCUMENT = 'openai-openapi.json';
const validators = new Map<string, ValidateFunction>();
let ajv: Ajv2020 | undefined;

/**
 * Holds an answer to a schema of OpenAI's own OpenAPI document, which CONTRACTS_DIR names the folder of. The document is not
 * ours to ship: without it the answer is held to the types of the `openai` package alone, by the compiler.
 */
export function assertOpenAi(schemaName: string, answer: unknown): void {
  if (!DIRECTORY) return;
  ajv ??= loadDocument(DIRECTORY);
  const validate = validators.get(schemaName) ?? ajv.getSchema(`${DOCUMENT}#/components/schemas/${schemaName}`);
  if (!validate) throw new Error(`${DOCUMENT} has no schema ${schemaName}`);
  validators.set(schemaName, validate);
  if (!validate(answer)) {
    throw new Error(`this is no ${schemaName}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(answer)}`);
  }
}

function loadDocument(directory: string): Ajv2020 {
  const loaded = new Ajv2020({ strict: false, validateFormats: false, discriminator: false });
  const document = JSON.parse(readFileSync(join(directory, DOCUMENT), 'utf8'), asNewer);
  loaded.addSchema({ $id: DOCUMENT, components: document.components });
  return loaded;
}

/**
 * The document holds leftovers of OpenAPI 3.0: `nullable` means something beside `type` alone, and a limit that is excluded is named
 * beside the word that excludes it.
 */
function asNewer(_name: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if ('exclusiveMinimum' in value && value.exclusiveMinimum === true && 'minimum' in value) {
    const { minimum, ...schema } = value;
    return { ...schema, exclusiveMinimum: minimum };
  }
  if (!('nullable' in value) || 'type' in value) return value;
  const { nullable: _nullable, ...schema } = value;
  return schema;
}
