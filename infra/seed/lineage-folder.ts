import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** lineage.json, as forkpoint_trainer.lineage writes it. */
export interface Lineage {
  family: string;
  recipe: Record<string, unknown> & { tokens: number };
  checkpoints: LineageCheckpoint[];
  data: Record<'train' | 'evaluation', string>;
}

export interface LineageCheckpoint {
  folder: string;
  name: string;
  stage: string;
  step: number;
  total_steps: number;
  tokens_seen: number;
  loss: number;
  /** Of pretraining, on the machine that made it. */
  tokens_per_second: number;
  probes: Record<string, number>;
  samples: Array<{ prompt: string; output: string }>;
  license: string;
  data: string;
}

export interface LocalFile {
  path: string;
  part: 'WEIGHTS' | 'OPTIMIZER';
  bytes: number;
  sha256: string;
  localPath: string;
}

/** Not of the checkpoint: the folder's own mark, and figures that are published by themselves. */
const LEFT_OUT = new Set(['COMPLETE.json', 'model_card.json']);

export async function readLineage(folder: string): Promise<Lineage> {
  return JSON.parse(await readFile(join(folder, 'lineage.json'), 'utf8')) as Lineage;
}

export async function filesOf(folder: string): Promise<LocalFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(paths.map((localPath) => describe(folder, localPath)));
  return files.filter(({ path }) => !LEFT_OUT.has(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function describe(folder: string, localPath: string): Promise<LocalFile> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(localPath)) hash.update(chunk as Buffer);
  const path = relative(folder, localPath);
  const part = path.startsWith('optimizer/') ? 'OPTIMIZER' : 'WEIGHTS';
  return { path, part, bytes: (await stat(localPath)).size, sha256: hash.digest('hex'), localPath };
}
