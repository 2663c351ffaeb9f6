/** What the demo is told: addresses and a key, like any client. */
function required(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set: start the demo with \`npm run demo\`, or source .forkpoint/demo.env first.`);
  return value;
}

export const settings = {
  graphqlUrl: required('FORKPOINT_GRAPHQL_URL'),
  openAiUrl: required('OPENAI_BASE_URL'),
  apiKey: required('OPENAI_API_KEY'),
  projectId: required('FORKPOINT_PROJECT'),
  /** train.jsonl and evaluation.jsonl, made with the lineage. */
  data: required('FORKPOINT_DEMO_DATA'),
  output: required('FORKPOINT_DEMO_OUTPUT'),
  logs: process.env.FORKPOINT_LOGS ?? '.forkpoint/logs',
  python: process.env.FORKPOINT_DEMO_PYTHON ?? '.venv/bin/python',
};
