import type { Json } from '#libs/kernel';

/** One place at which two JSON values differ; what is not there is undefined. */
export interface Difference {
  /** Such as `document.usage[0].amountMinor`. */
  path: string;
  filed: Json | undefined;
  made: Json | undefined;
}

/** Every place at which what is filed differs from what is made, in the order of the names. */
export function* differencesOf(filed: Json | undefined, made: Json | undefined, path: string): Generator<Difference> {
  if (isComposite(filed) && isComposite(made) && Array.isArray(filed) === Array.isArray(made)) {
    const [inFiled, inMade] = [new Map(Object.entries(filed)), new Map(Object.entries(made))];
    for (const name of new Set([...inFiled.keys(), ...inMade.keys()])) {
      const below = Array.isArray(filed) ? `[${name}]` : `.${name}`;
      yield* differencesOf(inFiled.get(name), inMade.get(name), `${path}${below}`);
    }
  } else if (filed !== made) yield { path, filed, made };
}

function isComposite(value: Json | undefined): value is Json[] | { [name: string]: Json } {
  return typeof value === 'object' && value !== null;
}
