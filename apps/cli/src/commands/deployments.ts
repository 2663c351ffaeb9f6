import { type MutationOperation, RefusedError } from '#libs/client';
import { type Commands, integer } from '../commands.js';
import type { Context } from '../context.js';
import {
  ACTIVATE_REVISION,
  CREATE_DEPLOYMENT,
  DELETE_DEPLOYMENT,
  DEPLOY_REVISION,
  DEPLOYMENT_BY_NAME,
  DEPLOYMENT_CHANGES,
  DEPLOYMENTS,
  type Deployment,
  type DeploymentAct,
  PAUSE_DEPLOYMENT,
  RESUME_DEPLOYMENT,
  type Revision,
  ROLL_BACK,
  type ServingStatus,
} from '../documents/deployments.js';
import { collect } from '../documents/shared.js';
import { formatConstant, formatSeconds, formatTime } from '../output/format.js';
import { fields, table } from '../output/table.js';
import type { Style } from '../terminal.js';

interface DeployOptions {
  as: string;
  activate: boolean;
  wait?: boolean;
}

const REVISIONS_SHOWN = 50;

export function addDeploymentCommands(commands: Commands): void {
  commands
    .act<DeployOptions>(
      'deploy <checkpoint>',
      'Give a checkpoint a name that stays: a new deployment, or a new revision of one that there is',
      deploy,
      (command) =>
        command
          .requiredOption('--as <slug>', 'of the deployment: it is called as <project>/<slug>')
          .option('--no-activate', 'of a deployment that there is: only add the revision, switch later')
          .option('--wait', 'until it answers at once'),
    )
    .group('deployments', 'Names that stay, and what they serve', (group) =>
      group
        .read<{ limit: number }>(
          'list',
          'List deployments',
          listDeployments,
          (command) => command.option('--limit <count>', 'at most so many', integer(1, 10_000), 50),
          { isDefault: true },
        )
        .read<{ watch?: boolean }>(
          'show <deployment>',
          'Show a deployment and its revisions',
          showDeployment,
          (command) => command.option('--watch', 'go on telling what changes; --json gives one object per line'),
        )
        .act('switch <deployment> <revision>', 'Serve another revision, by number or id', switchRevision)
        .act('roll-back <deployment>', 'Serve the revision that was served before', mover(ROLL_BACK))
        .act('pause <deployment>', 'Answer no calls until it is resumed', mover(PAUSE_DEPLOYMENT))
        .act('resume <deployment>', 'Answer calls again', mover(RESUME_DEPLOYMENT))
        .act('delete <deployment>', 'Delete a deployment: its name stops answering', mover(DELETE_DEPLOYMENT)),
    );
}

async function deploy(
  context: Context,
  { as: slug, activate, wait }: DeployOptions,
  checkpoint: string,
): Promise<void> {
  const { out } = context;
  const projectId = await context.projectId();
  const existing = (await listAll(context, projectId)).find((deployment) => deployment.slug === slug);
  const { deployment, revision } = existing
    ? await context.act(DEPLOY_REVISION, { deploymentId: existing.id, checkpoint, activate })
    : await context.act(CREATE_DEPLOYMENT, { projectId, slug, checkpoint });
  const shown = wait ? await untilReady(context, deployment) : deployment;
  out.result({ deployment: shown, revision }, () => {
    const verb = existing && !activate ? 'has' : 'serves';
    return `${out.style.bold(shown.name)} ${verb} revision ${revision?.number}: ${revision?.checkpointName}`;
  });
  out.note(`Call it: forkpoint chat ${shown.name}`);
}

/** Follows a deployment until calls would be answered at once. */
async function untilReady({ client, out }: Context, deployment: Deployment): Promise<Deployment> {
  const changes = client.subscribe<{ deploymentChanged: Deployment }>(DEPLOYMENT_CHANGES.document, {
    deploymentId: deployment.id,
  });
  for await (const { deploymentChanged: current } of changes) {
    if (current.serving?.state === 'READY') return current;
    if (current.serving?.state === 'FAILED' || current.status !== 'ACTIVE')
      throw new RefusedError(
        'NOT_SERVING',
        `${current.name} does not serve: see forkpoint deployments show ${current.name}.`,
      );
    out.status(`${current.name}: ${presentServing(current.serving, out.style)}`);
  }
  return deployment;
}

async function listDeployments(context: Context, { limit }: { limit: number }): Promise<void> {
  const deployments = await listAll(context, await context.namedProjectId(), limit);
  context.out.result(deployments, () => {
    if (deployments.length === 0) return 'No deployments. Make one: forkpoint deploy <checkpoint> --as <slug>';
    return table(
      deployments,
      [
        { title: 'NAME', value: ({ name }) => name },
        { title: 'STATUS', value: ({ status }) => formatConstant(status) },
        { title: 'SERVES', value: ({ activeRevision }) => activeRevision?.checkpointName ?? '' },
        { title: 'REVISION', value: ({ activeRevision }) => String(activeRevision?.number ?? ''), align: 'right' },
        { title: 'ANSWERS', value: ({ serving }) => presentServing(serving, context.out.style) },
        { title: 'SINCE', value: ({ activatedAt }) => formatTime(activatedAt) },
        { title: 'ID', value: ({ id }) => id },
      ],
      context.out.style,
    );
  });
}

async function showDeployment(context: Context, { watch }: { watch?: boolean }, name: string): Promise<void> {
  const { client, out } = context;
  const deployment = await find(context, name);
  if (!watch) return out.result(deployment, () => present(deployment, out.style));
  const { id: deploymentId } = deployment;
  const changes = client.subscribe<{ deploymentChanged: Deployment }>(DEPLOYMENT_CHANGES.document, { deploymentId });
  for await (const { deploymentChanged: changed } of changes) {
    out.item(changed, () => {
      const { activeRevision, status, serving } = changed;
      const time = out.style.dim(context.terminal.now().toISOString().slice(11, 19));
      return `${time}  ${formatConstant(status)}, revision ${activeRevision?.number}, ${presentServing(serving, out.style)}`;
    });
  }
}

async function switchRevision(context: Context, _: object, name: string, wanted: string): Promise<void> {
  const deployment = await find(context, name);
  const ids = { deploymentId: deployment.id, revisionId: revisionOf(deployment, wanted) };
  tell(context, await context.act(ACTIVATE_REVISION, ids));
}

/** An id is taken as it is: it may be older than the revisions that are shown. */
function revisionOf({ name, revisions }: Deployment & { revisions: Revision[] }, wanted: string): string {
  if (wanted.startsWith('rev_')) return wanted;
  const revision = revisions.find(({ number }) => String(number) === wanted);
  if (revision) return revision.id;
  const known = revisions.map(({ number }) => number).join(', ');
  throw new RefusedError('REVISION_NOT_FOUND', `${name} has no revision ${wanted}: it has ${known}.`);
}

function mover(operation: MutationOperation<DeploymentAct, { deploymentId: string }>) {
  return async (context: Context, _: object, name: string): Promise<void> => {
    const { id: deploymentId } = await find(context, name);
    tell(context, await context.act(operation, { deploymentId }));
  };
}

function tell({ out }: Context, { deployment, revision }: DeploymentAct): void {
  out.result({ deployment, revision }, () => {
    const serves = deployment.activeRevision;
    const what = serves ? `, revision ${serves.number}: ${serves.checkpointName}` : '';
    return `${deployment.name} is ${formatConstant(deployment.status)}${deployment.status === 'ACTIVE' ? what : ''}`;
  });
}

async function listAll({ client }: Context, projectId?: string, limit = 10_000): Promise<Deployment[]> {
  return collect(async (page) => (await client.run(DEPLOYMENTS, { ...page, projectId })).deployments, limit);
}

/** By `<project>/<slug>`, by its slug within the project, or by id. */
async function find(context: Context, wanted: string): Promise<Deployment & { revisions: Revision[] }> {
  const isWhole = wanted.includes('/') || wanted.startsWith('dep_');
  const name = isWhole ? wanted : await nameOfSlug(context, wanted);
  const { deployment } = await context.client.run(DEPLOYMENT_BY_NAME, { name, first: REVISIONS_SHOWN });
  if (deployment) return { ...deployment, revisions: deployment.revisions.nodes };
  throw deploymentNotFound(wanted);
}

async function nameOfSlug(context: Context, slug: string): Promise<string> {
  const deployments = await listAll(context, await context.projectId());
  const found = deployments.find((deployment) => deployment.slug === slug);
  if (found) return found.name;
  throw deploymentNotFound(slug);
}

function present(deployment: Deployment & { revisions: Revision[] }, style: Style): string {
  const about = fields(
    [
      ['Deployment', style.bold(deployment.name)],
      ['Id', deployment.id],
      ['Status', formatConstant(deployment.status)],
      ['Answers', presentServing(deployment.serving, style)],
      ['Created', formatTime(deployment.createdAt)],
    ],
    style,
  );
  const revisions = table(
    deployment.revisions,
    [
      { title: 'REVISION', value: ({ number }) => String(number), align: 'right' },
      { title: '', value: ({ isActive }) => (isActive ? style.green('active') : '') },
      { title: 'CHECKPOINT', value: ({ checkpointName }) => checkpointName },
      { title: 'ANSWERS', value: ({ serving }) => presentServing(serving, style) },
      { title: 'CREATED', value: ({ createdAt }) => formatTime(createdAt) },
      { title: 'UNDER', value: ({ entitlementClause }) => entitlementClause ?? '' },
      { title: 'ID', value: ({ id }) => id },
    ],
    style,
  );
  return `${about}\n\n${revisions}`;
}

function presentServing(serving: ServingStatus | null, style: Style): string {
  if (!serving) return '';
  const { state, secondsUntilReady } = serving;
  if (state === 'READY') return style.green('at once');
  if (state === 'FAILED') return style.red('failed');
  return style.yellow(`${formatConstant(state)}, in about ${formatSeconds(secondsUntilReady)}`);
}

function deploymentNotFound(wanted: string): RefusedError {
  return new RefusedError(
    'DEPLOYMENT_NOT_FOUND',
    `There is no deployment ${wanted} that you may see: see forkpoint deployments.`,
  );
}
