import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Listr } from 'listr2';
import {
  type Agreement,
  agree,
  grantCredit,
  type Invoice,
  invoiceOf,
  payByTransfer,
  rebuild,
  type Signatories,
  signInSignatories,
  stoppedByCap,
} from './agreement.js';
import { browse, createSuite, previewLine, scoreOf, startEvaluation, uploadTrainingFile, validate } from './data.js';
import { createJob, describe, type Fork, followJob, lossCurve, quote } from './fork.js';
import { client } from './partner.js';
import { drawCurves, table } from './report.js';
import { chat, deploy, deployRevision, rollBack, usageSince } from './serving.js';
import { settings } from './settings.js';

const PROMPT = 'Rust: Valve_Limit : constant Natural := 42;';
const EXPECTED = 'const VALVE_LIMIT: u32 = 42;';

/** What the steps hand on to each other. */
interface Day {
  began: Date;
  fileId: string;
  suiteId: string;
  forks: Fork[];
  deployment: { id: string; name: string };
  signatories: Signatories;
  agreement: Agreement;
}

/** A partner's day, by public interfaces alone: it knows an origin and an API key. */
const day = { began: new Date(), forks: [] as Fork[] } as Day;
const latest = () => day.forks.at(-1)!;

const steps = new Listr(
  [
    {
      title: 'Browse the lineage',
      task: async (_, task) => {
        const checkpoints = await browse();
        const last = checkpoints.at(-1);
        const distance = ({ step }: { step: number }) => Math.abs(step - (2 / 3) * last!.step);
        const middle = checkpoints.slice(1, -1).toSorted((a, b) => distance(a) - distance(b))[0];
        const points = { early: checkpoints[0], middle, last };
        for (const [title, checkpoint] of Object.entries(points)) {
          if (!checkpoint) throw new Error('the lab has published no checkpoints that this partner may see');
          day.forks.push({
            title,
            checkpoint,
            before: null,
            after: null,
            trainingSeconds: 0,
            losses: [],
            job: undefined as never,
          });
        }
        task.title = `Browsed the lineage: ${checkpoints.length} checkpoints, steps ${checkpoints.map(({ step }) => step).join(', ')}`;
      },
    },
    {
      title: 'Upload the dataset',
      task: async (_, task) => {
        day.fileId = await uploadTrainingFile((progress) => (task.output = progress));
        task.title = `Uploaded the dataset: ${day.fileId}`;
      },
    },
    {
      title: 'Read its validation report',
      task: async (_, task) => {
        const prepared = await validate(day.fileId, latest().checkpoint.name);
        const { rows, tokens, errorCount } = prepared.report;
        task.title = `Validated: ${rows.train} rows, ${tokens.train} tokens an epoch, ${tokens.trainTrained} of them trained on, ${errorCount} errors`;
        task.output = previewLine(prepared);
      },
      rendererOptions: { persistentOutput: true },
    },
    {
      title: 'Agree on a contract',
      task: async (_, task) => {
        day.signatories = await signInSignatories();
        day.agreement = await agree(day.signatories);
        await grantCredit(day.signatories, day.agreement);
        task.title = `Agreed on a contract: drafted, approved by a second person, accepted; five dollars in advance, ten cents of credit, until ${day.agreement.endsAt.toISOString()}`;
      },
    },
    {
      title: 'Get quotes',
      task: async (_, task) => {
        const quotes = await Promise.all(day.forks.map(({ checkpoint }) => quote(checkpoint.name, day.fileId)));
        task.title = `Quotes: ${quotes.map(({ steps, estimatedSeconds, hardCap }) => `${steps} steps, ~${estimatedSeconds} s, at most ${hardCap.display}`)[0]} each`;
      },
    },
    {
      title: 'Set a spend cap, and have a job stopped by it',
      task: async (_, task) => {
        task.output = await stoppedByCap(day.signatories, async () => {
          const { id } = await createJob(latest().checkpoint.name, day.fileId, 'demo-capped');
          return followJob(id, () => undefined);
        });
        task.title = 'A spend cap stopped a job, and was removed again';
      },
      rendererOptions: { persistentOutput: true },
    },
    {
      title: 'Fine-tune from three fork points, and evaluate before and after',
      task: async (_, task) => {
        day.suiteId = await createSuite();
        return task.newListr(
          day.forks.map((fork) => ({
            title: `${fork.title} (step ${fork.checkpoint.step})`,
            task: (_, inner) => forkAndEvaluate(fork, inner),
          })),
          { concurrent: true },
        );
      },
    },
    {
      title: 'Deploy the variant and call it, streaming',
      task: async (_, task) => {
        const { deployment } = await deploy(`ada-to-rust-${Date.now().toString(36)}`, latest().job.outputName!);
        day.deployment = deployment;
        const answer = await chat(deployment.name, PROMPT, (text) => (task.output = text));
        task.title = `Deployed ${deployment.name}; it answers: ${answer}`;
        if (answer !== EXPECTED) task.title += ` (expected ${EXPECTED})`;
      },
    },
    {
      title: 'Deploy a second revision and roll it back',
      task: async (_, task) => {
        const second = await deployRevision(day.deployment.id, day.forks.at(-2)!.job.outputName!);
        const other = await chat(day.deployment.name, PROMPT, (text) => (task.output = text));
        const back = await rollBack(day.deployment.id);
        const again = await chat(day.deployment.name, PROMPT, (text) => (task.output = text));
        task.title = `Revision ${second.revision.number} answered ${other}; rolled back to revision ${back.revision.number}: ${again}`;
      },
    },
    {
      title: 'See usage and cost',
      task: async (_, task) => {
        const { total, rows } = await usageSince(day.began);
        task.title = `Usage: ${rows.length} lines, ${total} in all`;
        task.output = rows
          .map(({ model, meter, quantity, cost }) => `${model ?? ''}  ${meter} ${quantity}  ${cost?.display ?? '-'}`)
          .join('\n');
      },
      rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
    },
    {
      title: 'Get the invoice, pay it, make it again',
      task: async (_, task) => {
        const { signatories, agreement } = day;
        const due = await invoiceOf(signatories, agreement, (text) => (task.output = text));
        const paid = await payByTransfer(signatories, agreement, due);
        const rebuilt = await rebuild(signatories, paid);
        task.title = `Invoice ${due.number} of ${due.due!.display}: ${paid.state.toLowerCase()}, and rebuilt offline from its export`;
        task.output = [...due.lines.map(describeLine), rebuilt].join('\n');
      },
      rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
    },
  ],
  { rendererOptions: { collapseSubtasks: false } },
);

function describeLine({ part, meter, quantity, amount }: Invoice['lines'][number]): string {
  const what = [part, meter].filter((name) => name !== null).join(' ');
  return `${what.toLowerCase()}  ${quantity ?? ''}  ${amount.display}`;
}

/** Before, training, after: for one fork point. The jobs of all three queue side by side. */
async function forkAndEvaluate(fork: Fork, task: { title: string; output: string }): Promise<void> {
  const { title } = task;
  const before = startEvaluation(day.suiteId, fork.checkpoint.name).then(scoreOf);
  fork.job = await createJob(fork.checkpoint.name, day.fileId, `demo-${fork.title}`);
  fork.job = await followJob(fork.job.id, (job) => (task.output = describe(job)));
  fork.trainingSeconds = (Date.parse(fork.job.finishedAt!) - Date.parse(fork.job.startedAt!)) / 1000;
  fork.losses = await lossCurve(fork.job.id);
  task.output = 'evaluating';
  fork.after = await scoreOf(await startEvaluation(day.suiteId, fork.job.outputName!));
  fork.before = await before;
  task.title = `${title}: exact match ${(100 * fork.before).toFixed(1)}% before, ${(100 * fork.after).toFixed(1)}% after`;
}

try {
  await steps.run();
  await mkdir(settings.output, { recursive: true });
  const picture = join(settings.output, 'loss-curves.png');
  await drawCurves(day.forks, picture);
  const seconds = (Date.now() - day.began.getTime()) / 1000;
  console.log(`\n${table(day.forks)}\n\nLoss curves: ${picture}\nThe partner's day took ${seconds.toFixed(0)} s.`);
} catch (error) {
  console.error(
    `\n${(error as Error).message}\nWhat to do: the logs of the api, the worker and the gateway are in ${settings.logs}; run npm run demo again.`,
  );
  process.exitCode = 1;
} finally {
  await client.close();
}
