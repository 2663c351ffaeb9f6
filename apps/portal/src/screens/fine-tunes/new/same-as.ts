import type { JobRequest } from './settings';

export interface SameAs {
  name: string;
  code: string;
}

/** The job on screen as others would ask for it. Keys stand in variables: what is copied can be committed. */
export function sameAs(request: JobRequest, origin: string): SameAs[] {
  const openAi = openAiBody(request);
  return [
    { name: 'curl', code: openAi ? curlOpenAi(openAi, origin) : curlGraphql(request, origin) },
    { name: 'Python', code: openAi ? pythonOpenAi(openAi, origin) : pythonGraphql(request, origin) },
    { name: 'CLI', code: commandLine(request) },
  ];
}

type Body = Record<string, unknown>;

/** OpenAI's interface has three hyperparameters and no data policy; null where that is not enough. */
function openAiBody({
  model,
  trainingFileId,
  suffix,
  seed,
  hyperparameters = {},
  dataPolicy,
}: JobRequest): Body | null {
  const { epochs, batchSize, learningRateMultiplier, ...others } = hyperparameters ?? {};
  if (dataPolicy || Object.keys(others).length > 0) return null;
  const chosen = defined({ n_epochs: epochs, batch_size: batchSize, learning_rate_multiplier: learningRateMultiplier });
  return defined({
    model,
    training_file: trainingFileId,
    suffix,
    seed,
    method:
      Object.keys(chosen).length > 0 ? { type: 'supervised', supervised: { hyperparameters: chosen } } : undefined,
  });
}

const MUTATION = `mutation ($input: CreateFineTuneJobInput!) {
  createFineTuneJob(input: $input) { fineTuneJob { id status } userErrors { code message } }
}`;

function curlOpenAi(body: Body, origin: string): string {
  return curl(`${origin}/v1/fine_tuning/jobs`, body);
}

function curlGraphql(request: JobRequest, origin: string): string {
  const query = MUTATION.replace(/\s+/g, ' ');
  return curl(`${origin}/graphql`, { query, variables: { input: { ...request, idempotencyKey: 'one-of-yours' } } });
}

function curl(url: string, body: Body): string {
  return [
    `curl ${url} \\`,
    '  -H "Authorization: Bearer $OPENAI_API_KEY" \\',
    '  -H "Content-Type: application/json" \\',
    `  -d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`,
  ].join('\n');
}

function pythonOpenAi(body: Body, origin: string): string {
  const fields = Object.entries(body).map(([name, value]) => `    ${name}=${pythonValue(value, 1)},`);
  return [
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url="${origin}/v1")  # reads OPENAI_API_KEY`,
    'job = client.fine_tuning.jobs.create(',
    ...fields,
    ')',
    'print(job.id, job.status)',
  ].join('\n');
}

function pythonGraphql(request: JobRequest, origin: string): string {
  return [
    'import os, uuid',
    'import httpx',
    '',
    'query = """',
    MUTATION,
    '"""',
    `job = ${pythonValue(request, 0)}`,
    'answer = httpx.post(',
    `    "${origin}/graphql",`,
    '    headers={"Authorization": f"Bearer {os.environ[\'OPENAI_API_KEY\']}"},',
    '    json={"query": query, "variables": {"input": {**job, "idempotencyKey": str(uuid.uuid4())}}},',
    ')',
    'print(answer.json())',
  ].join('\n');
}

function commandLine(request: JobRequest): string {
  const { projectId, model, trainingFileId, suffix, seed, hyperparameters, dataPolicy } = request;
  const { scheduler, ...numbers } = hyperparameters ?? {};
  const { overLong, ...limits } = dataPolicy ?? {};
  const options = Object.entries(
    defined({
      project: projectId,
      model,
      file: trainingFileId,
      suffix,
      seed,
      ...numbers,
      scheduler: scheduler?.toLowerCase(),
      'over-long': overLong?.toLowerCase(),
      ...limits,
    }),
  ).map(([name, value]) => `  --${kebab(name)} ${String(value)}`);
  return ['npx forkpoint tune', ...options, '  --follow'].join(' \\\n');
}

function pythonValue(value: unknown, depth: number): string {
  if (value === null || typeof value !== 'object')
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  const indent = '    '.repeat(depth + 1);
  const fields = Object.entries(value).map(([name, field]) => `${indent}"${name}": ${pythonValue(field, depth + 1)},`);
  return ['{', ...fields, `${'    '.repeat(depth)}}`].join('\n');
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function defined(record: Body): Body {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null));
}
