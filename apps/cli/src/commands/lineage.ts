import { type Commands, integer } from '../commands.js';
import type { Context } from '../context.js';
import { LINEAGE, type LineageCheckpoint } from '../documents/catalog.js';
import { collect, type Page } from '../documents/shared.js';
import { formatConstant, formatNumber, formatParameters } from '../output/format.js';
import { shorten } from '../output/table.js';
import { type Branch, tree } from '../output/tree.js';
import type { Style } from '../terminal.js';
import { checkpointNotFound } from './models.js';

export function addLineageCommand(commands: Commands): void {
  commands.read<{ limit: number }>(
    'lineage <checkpoint>',
    'Show what a checkpoint was made from and what was made from it, with the recipe of each step',
    showLineage,
    (command) => command.option('--limit <count>', 'descendants to show at most', integer(1, 10_000), 200),
  );
}

async function showLineage(context: Context, { limit }: { limit: number }, model: string): Promise<void> {
  const { client, out } = context;
  const ask = async (page: Page) => {
    const { checkpoint } = await client.run(LINEAGE, { ...page, model });
    if (checkpoint) return checkpoint;
    throw checkpointNotFound(model);
  };
  const { ancestors, descendants: _, ...checkpoint } = await ask({ first: 1 });
  const above = ancestors.flatMap(({ parent }) => parent ?? []);
  const edges = await collect(async (page) => (await ask(page)).descendants, limit);
  const below = edges.flatMap(({ child }) => child ?? []);
  out.result({ checkpoint, ancestors: above, descendants: below }, () =>
    tree(branchesOf(checkpoint, above, below, { style: out.style, columns: out.columns }), out.style),
  );
}

interface Drawing {
  style: Style;
  columns: number;
}

/** The tree from the oldest ancestor down; a descendant whose parent is out of sight hangs below the checkpoint itself. */
export function branchesOf(
  self: LineageCheckpoint,
  above: readonly LineageCheckpoint[],
  below: readonly LineageCheckpoint[],
  drawing: Drawing,
): Branch {
  const branches = new Map<string, Branch>();
  for (const relative of [self, ...above, ...below])
    branches.set(relative.id, { lines: linesOf(relative, relative.id === self.id, drawing), children: [] });
  for (const { id, parent } of below)
    (branches.get(parent?.id ?? '') ?? branches.get(self.id)!).children.push(branches.get(id)!);
  return above.reduce((child, { id }) => {
    const branch = branches.get(id)!;
    branch.children.push(child);
    return branch;
  }, branches.get(self.id)!);
}

function linesOf(
  { name, kind, status, step, loss, recipe }: LineageCheckpoint,
  isSelf: boolean,
  { style, columns }: Drawing,
): string[] {
  const facts = [
    formatConstant(kind),
    status === 'PUBLISHED' ? '' : formatConstant(status),
    `step ${step}`,
    loss === null ? '' : `loss ${formatNumber(loss)}`,
  ].filter(Boolean);
  const how = shorten(
    `${formatConstant(recipe.method)}: ${formatParameters(recipe.parameters)}`,
    Math.max(columns - 8, 40),
  );
  return [`${isSelf ? style.bold(style.green(name)) : name}  ${style.dim(facts.join(', '))}`, style.dim(how)];
}
