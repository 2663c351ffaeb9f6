/** What the demo is told: addresses and a key, like any client. */
function required(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set: start the demo with \`npm run demo\`, or source .forkpoint/demo.env first.`);
  return value;
}

function user(role: string): { email: string; password: string } {
  return { email: required(`FORKPOINT_${role}_EMAIL`), password: required(`FORKPOINT_${role}_PASSWORD`) };
}

export const settings = {
  origin: required('FORKPOINT_ORIGIN'),
  graphqlUrl: required('FORKPOINT_GRAPHQL_URL'),
  openAiUrl: required('OPENAI_BASE_URL'),
  apiKey: required('OPENAI_API_KEY'),
  projectId: required('FORKPOINT_PROJECT'),
  /** Who signs contracts, and pays. */
  signatories: {
    drafter: user('LAB_BILLING_ADMIN'),
    approver: user('LAB_APPROVER'),
    payer: user('BILLING_ADMIN'),
  },
  /** train.jsonl and evaluation.jsonl, made with the lineage. */
  data: required('FORKPOINT_DEMO_DATA'),
  output: required('FORKPOINT_DEMO_OUTPUT'),
  logs: process.env.FORKPOINT_LOGS ?? '.forkpoint/logs',
  python: process.env.FORKPOINT_DEMO_PYTHON ?? '.venv/bin/python',
};
