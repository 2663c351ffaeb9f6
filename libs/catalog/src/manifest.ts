import { canonicalJson, sha256Hex } from '#libs/kernel';
import { MAX_FILE_BYTES, RelativePath, Sha256 } from '#libs/messages';

/** weights: everything that serving and forking need; optimizer: the state that training goes on from. */
export type CheckpointPart = 'weights' | 'optimizer';

export interface CheckpointFile {
  path: string;
  part: CheckpointPart;
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

export const CONFIG_FILE = 'config.json';
export const TOKENIZER_FILE = 'tokenizer.json';
export const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json';
export const TEMPLATE_FILE = 'chat_template.jinja';
export const ADAPTER_CONFIG_FILE = 'adapter_config.json';
export const ADAPTER_WEIGHTS_FILE = 'adapter_model.safetensors';

const MOST_FILES = 2_000;
/** Files that are read as a whole when a checkpoint is published. */
const READ_WHOLE = [CONFIG_FILE, TOKENIZER_CONFIG_FILE];
export const LARGEST_CONFIG_BYTES = 1024 ** 2;

/** The address of a part by its content: equal files give equal hashes, whatever order they come in. Null: it has none. */
export function manifestSha256(files: readonly CheckpointFile[], part: CheckpointPart): string | null {
  const entries = files
    .filter((file) => file.part === part)
    .map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return entries.length === 0 ? null : sha256Hex(canonicalJson({ files: entries }));
}

/** What is wrong with the declared files of a whole model, or null: found before anything is uploaded. */
export function declaredFilesProblem(files: readonly CheckpointFile[]): { problem: string; position?: number } | null {
  if (files.length > MOST_FILES) return { problem: `there are more than ${MOST_FILES}` };
  const paths = new Set<string>();
  for (const [position, { path, part, bytes, sha256 }] of files.entries()) {
    const at = (problem: string) => ({ problem: `${path} ${problem}`, position });
    if (!RelativePath.safeParse(path).success) return at('is no relative path of portable characters');
    if (paths.has(path)) return at('is named twice');
    if (!Sha256.safeParse(sha256).success) return at('has no SHA-256 in lower-case hex');
    if (!Number.isSafeInteger(bytes) || bytes < 0) return at('has no size in bytes');
    if (bytes > MAX_FILE_BYTES) return at(`is over ${MAX_FILE_BYTES} bytes: split it into shards`);
    if (READ_WHOLE.includes(path) && bytes > LARGEST_CONFIG_BYTES) return at(`is over ${LARGEST_CONFIG_BYTES} bytes`);
    // Pickled files run code when they are read.
    if (part === 'weights' && /\.(bin|pt|pth|pkl|ckpt)$/.test(path))
      return at('is pickled: store weights as safetensors');
    paths.add(path);
  }
  const weights = files.filter((file) => file.part === 'weights').map((file) => file.path);
  for (const required of [CONFIG_FILE, TOKENIZER_FILE]) {
    if (!weights.includes(required)) return { problem: `${required} is missing` };
  }
  if (!weights.some(isSafetensors)) return { problem: 'there are no weights: no file ends in .safetensors' };
  return null;
}

export function isSafetensors(path: string): boolean {
  return path.endsWith('.safetensors');
}
