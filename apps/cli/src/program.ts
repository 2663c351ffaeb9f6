import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { addAccountCommands } from './commands/account.js';
import { addAgreementCommands } from './commands/agreement.js';
import { addCapCommands } from './commands/caps.js';
import { addChatCommand } from './commands/chat.js';
import { addContractCommands } from './commands/contracts.js';
import { addCreditNoteCommands } from './commands/credit-notes.js';
import { addCreditCommands } from './commands/credits.js';
import { addDatasetCommands } from './commands/datasets.js';
import { addDeploymentCommands } from './commands/deployments.js';
import { addEvaluateCommands } from './commands/evaluate.js';
import { addEvaluationResultCommands } from './commands/evaluation-runs.js';
import { addExportCommands } from './commands/exports.js';
import { addFollowCommand } from './commands/follow.js';
import { addForecastCommand } from './commands/forecast.js';
import { addInvoiceCommands } from './commands/invoices.js';
import { addJobCommands } from './commands/jobs.js';
import { addKeyCommands } from './commands/keys.js';
import { addLedgerCommands } from './commands/ledger.js';
import { addLicenseCommands } from './commands/licenses.js';
import { addLineageCommand } from './commands/lineage.js';
import { addListingCommands } from './commands/listings.js';
import { addLogsCommand } from './commands/logs.js';
import { addMetricsCommand } from './commands/metrics.js';
import { addModelCommands } from './commands/models.js';
import { addPayoutCommands } from './commands/payouts.js';
import { addTuneCommands } from './commands/tune.js';
import { addUploadCommand } from './commands/upload.js';
import { addUsageCommand } from './commands/usage.js';
import { addValidateCommand } from './commands/validate.js';
import { addWebhookCommands } from './commands/webhooks.js';
import { Commands } from './commands.js';
import { EXIT_CODES, failureOf, presentFailure } from './failure.js';
import { styleFor, type Terminal } from './terminal.js';

const AFTER_HELP = `
Exit codes: 0 done, 1 refused, 2 wrong usage, 3 the platform can't be reached.
With --json, results go to stdout and errors ({"error": {...}}) to stderr; what is watched comes as one object per line.

A first fine-tune:
  forkpoint sign-in --origin https://forkpoint.example
  forkpoint models
  forkpoint upload train.jsonl
  forkpoint validate <file id> --for <checkpoint>
  forkpoint tune --model <checkpoint> --file <file id> --follow
  forkpoint chat <variant>`;

/** All commands. Nothing runs before it is parsed. */
export function createProgram(terminal: Terminal, { json = false } = {}): Command {
  const program = new Command('forkpoint')
    .description('Fork a checkpoint, fine-tune it, deploy it, call it')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      // The help of a group without its command: a program that asks for JSON gets an error in its stead.
      writeErr: (text) => json || terminal.stderr.write(text),
      // Told by run(), like every other error.
      outputError: () => {},
    })
    .addHelpText('after', AFTER_HELP);
  const commands = new Commands(program, terminal);
  addAccountCommands(commands);
  addModelCommands(commands);
  addLineageCommand(commands);
  addDatasetCommands(commands);
  addUploadCommand(commands);
  addValidateCommand(commands);
  addTuneCommands(commands);
  addJobCommands(commands);
  addFollowCommand(commands);
  addLogsCommand(commands);
  addMetricsCommand(commands);
  commands.group('evaluate', 'Suites of prompts with expected answers, and how checkpoints do on them', (group) => {
    addEvaluateCommands(group);
    addEvaluationResultCommands(group);
  });
  addDeploymentCommands(commands);
  addChatCommand(commands);
  addKeyCommands(commands);
  addUsageCommand(commands);
  commands.group('contracts', 'Contracts: draft, redline, offer, accept, amend', (group) => {
    addContractCommands(group);
    addAgreementCommands(group);
  });
  addCapCommands(commands);
  addCreditCommands(commands);
  addInvoiceCommands(commands);
  addCreditNoteCommands(commands);
  addForecastCommand(commands);
  addLedgerCommands(commands);
  addExportCommands(commands);
  addLicenseCommands(commands);
  addPayoutCommands(commands);
  addListingCommands(commands);
  addWebhookCommands(commands);
  return program;
}

/** Runs one command line; gives the exit code. Errors are told here and nowhere else. */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const json = words.includes('--json');
  try {
    await createProgram(terminal, { json }).parseAsync([...words], { from: 'user' });
    return EXIT_CODES.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.done;
    const failure = failureOf(error);
    // A group without its command has shown its help, which says more.
    if (error instanceof CommanderError && error.code === 'commander.help' && !json) return failure.exitCode;
    const { exitCode, ...told } = failure;
    const style = styleFor(terminal.stderr, terminal.environment);
    const text = json ? JSON.stringify({ error: told }) : presentFailure(failure, style);
    terminal.stderr.write(`${text}\n`);
    if (words.includes('--debug')) terminal.stderr.write(`${inspect(error)}\n`);
    return exitCode;
  }
}
