import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DIRECTORY = process.env['CONTRACTS_DIR'];

/** Where the examples differ from the version of the API that the SDK is pinned to. */
const NEWER: Record<string, { added?: string[]; gone?: string[] }> = {
  invoice: { gone: ['subscription'] },
  dispute: { added: ['intended_submission_method'] },
  payment_intent: { added: ['allowed_payment_method_types', 'payment_record'] },
};
/** Keys of these are the caller's, those of whichever kind of thing it is, or newer than the example's. */
const OPEN = new Set(['metadata', 'amount_details', 'payment', 'evidence_details']);

let examples: Record<string, Json> | undefined;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Gives how an object differs from Stripe's own example of its kind: keys of one side alone, and JSON types that differ. What is null on either side
 * fits. The examples are not ours to ship; CONTRACTS_DIR names their folder. Without it the types of the SDK alone hold the objects, by the compiler.
 */
export function differencesFromExample(given: object & { object: string }): string[] {
  if (!DIRECTORY) return [];
  examples ??= JSON.parse(readFileSync(join(DIRECTORY, 'stripe-fixtures3.json'), 'utf8')).resources as Record<
    string,
    Json
  >;
  const example = examples[given.object] as { [key: string]: Json } | undefined;
  if (!example) return [`there is no example of ${given.object}`];
  const { added = [], gone = [] } = NEWER[given.object] ?? {};
  const ours = Object.keys(given).filter((key) => !added.includes(key));
  const theirs = Object.keys(example).filter((key) => !gone.includes(key));
  return [
    ...theirs.filter((key) => !ours.includes(key)).map((key) => `${key} is missing`),
    ...ours.filter((key) => !theirs.includes(key)).map((key) => `${key} is not Stripe's`),
    ...ours.flatMap((key) => differences(key, (given as { [key: string]: Json })[key], example[key])),
  ];
}

/** Inside of objects the examples show one case of many: ours has no other keys than it, and no other types. */
function differences(path: string, ours: Json | undefined, example: Json | undefined): string[] {
  if (ours == null || example == null || OPEN.has(path.split('.').at(-1) as string)) return [];
  if (kindOf(ours) !== kindOf(example)) return [`${path} is ${kindOf(ours)} and not ${kindOf(example)}`];
  if (Array.isArray(ours)) return differences(`${path}[]`, ours[0], (example as Json[])[0]);
  if (typeof ours !== 'object') return [];
  const shown = example as { [key: string]: Json };
  if (Object.keys(shown).length === 0) return [];
  return Object.entries(ours).flatMap(([key, value]) =>
    key in shown ? differences(`${path}.${key}`, value, shown[key]) : [`${path}.${key} is not Stripe's`],
  );
}

const kindOf = (value: Json): string => (Array.isArray(value) ? 'array' : typeof value);
