import { readFile } from 'node:fs/promises';
import { GraphqlClient } from '#libs/client';
import { say } from './say.js';
import { settings } from './settings.js';

const NAME = 'Ada to Rust, held-out prompts';

/** Prompts that no training row has, for the first partner to evaluate with from the first minute. */
export async function ensureSuite(apiKey: string, projectId: string, rowsFile: string): Promise<string> {
  const client = new GraphqlClient({ graphqlUrl: `${settings.origin}/graphql`, credentials: { apiKey } });
  const { evaluationSuites } = await client.query<{ evaluationSuites: { nodes: Array<{ id: string; name: string }> } }>(
    'query($projectId: ID!) { evaluationSuites(projectId: $projectId, first: 100) { nodes { id name } } }',
    { projectId },
  );
  const known = evaluationSuites.nodes.find(({ name }) => name === NAME);
  if (known) return known.id;
  say('making an evaluation suite');
  const lines = (await readFile(rowsFile, 'utf8')).trim().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as { messages: unknown; expected: string });
  const input = { projectId, name: NAME, metric: 'EXACT_MATCH', maxNewTokens: 64, rows };
  const payload = await client.mutate<{ suite: { id: string } }>('createEvaluationSuite', input, 'suite { id }');
  return payload.suite.id;
}
