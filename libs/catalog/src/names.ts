import { CATALOG_ERRORS } from './catalog.errors.js';

/**
 * The one namespace of models:
 *
 *   checkpoint of the lab   <family>-<run>-<step>            forge-1-pretrain-001953
 *   variant                 ft:<base>:<org>:<suffix>:<short> ft:forge-1-pretrain-001953:acme:rust:k3v9qa
 *   intermediate            <variant>:step-<step>            ft:forge-1-pretrain-001953:acme:rust:k3v9qa:step-94
 *   deployment              <project>/<slug>                 (deployments; the slash keeps it apart)
 *   id                      <prefix>_<26 characters>         (the underscore keeps it apart)
 *
 * Names of families and runs hold no colon, slash or underscore, so that every name reads one way.
 */
const LAB_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,38}[a-z0-9])?$/;
const SUFFIX = /^[A-Za-z0-9_-]{1,64}$/;
const VARIANT = /^ft:([a-z0-9.-]+):([a-z0-9-]+):([A-Za-z0-9_-]{0,64}):([0-9a-z]{6})(?::step-([1-9][0-9]*))?$/;

export interface VariantName {
  baseName: string;
  organizationSlug: string;
  /** Null: none was asked for, and the place between the colons is empty, as OpenAI names them. */
  suffix: string | null;
  /** Six characters that follow from the job: what comes of one job shares them. */
  short: string;
  /** Of an intermediate checkpoint; null for the final one. */
  step: number | null;
}

export function assertLabName(name: string, path: string): void {
  if (!LAB_NAME.test(name)) throw CATALOG_ERRORS.MODEL_NAME_INVALID({ name }, { path: [path] });
  if (name === 'ft') throw CATALOG_ERRORS.MODEL_NAME_RESERVED({ name }, { path: [path] });
}

export function assertSuffix(suffix: string | null, path = 'suffix'): void {
  if (suffix !== null && !SUFFIX.test(suffix)) throw CATALOG_ERRORS.SUFFIX_UNUSABLE({ path: [path] });
}

export function labCheckpointName(family: string, run: string, step: number): string {
  return `${family}-${run}-${String(step).padStart(6, '0')}`;
}

export function variantName({ baseName, organizationSlug, suffix, short, step }: VariantName): string {
  const name = `ft:${baseName}:${organizationSlug}:${suffix ?? ''}:${short}`;
  return step === null ? name : `${name}:step-${step}`;
}

export function parseVariantName(name: string): VariantName | null {
  const match = VARIANT.exec(name);
  if (!match) return null;
  const [, baseName, organizationSlug, suffix, short, step] = match as unknown as string[];
  return {
    baseName: baseName as string,
    organizationSlug: organizationSlug as string,
    suffix: suffix || null,
    short: short as string,
    step: step === undefined ? null : Number(step),
  };
}

/** The end of a TypeID is its random part: 30 bits of it. */
export function shortOf(jobId: string): string {
  return jobId.slice(-6);
}
