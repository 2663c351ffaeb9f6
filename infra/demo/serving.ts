import { client, openai } from './partner.js';
import { settings } from './settings.js';

interface Deployed {
  deployment: { id: string; name: string };
  revision: { id: string; number: number };
}

const DEPLOYED = 'deployment { id name } revision { id number }';

export async function deploy(slug: string, checkpoint: string): Promise<Deployed> {
  const input = { projectId: settings.projectId, slug, checkpoint };
  return client.mutate<Deployed>('createDeployment', input, DEPLOYED);
}

export async function deployRevision(deploymentId: string, checkpoint: string): Promise<Deployed> {
  return client.mutate<Deployed>('deployRevision', { deploymentId, checkpoint }, DEPLOYED);
}

export async function rollBack(deploymentId: string): Promise<Deployed> {
  return client.mutate<Deployed>('rollBackDeployment', { deploymentId }, DEPLOYED, { inputType: 'DeploymentInput' });
}

/** One answer, streamed, through the official client; tells what has arrived so far. */
export async function chat(model: string, prompt: string, onText: (text: string) => void): Promise<string> {
  const stream = await openai.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
    max_tokens: 110,
    temperature: 0,
    stream: true,
  });
  let text = '';
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta?.content ?? '';
    onText(text);
  }
  return text;
}

export interface UsageRow {
  model: string | null;
  kind: string | null;
  meter: string;
  quantity: string;
  cost: { display: string } | null;
}

export async function usageSince(from: Date): Promise<{ total: string; rows: UsageRow[] }> {
  const to = new Date(Date.now() + 60_000);
  const { usageSummary } = await client.query<{ usageSummary: { total: { display: string }; rows: UsageRow[] } }>(
    `query($from: DateTime!, $to: DateTime!, $projectId: ID) { usageSummary(from: $from, to: $to, projectId: $projectId, groupBy: [MODEL, KIND]) {
       total { display } rows { model kind meter quantity cost { display } } } }`,
    { from: from.toISOString(), to: to.toISOString(), projectId: settings.projectId },
  );
  return { total: usageSummary.total.display, rows: usageSummary.rows };
}
