import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { base, createShortJob, graphql, isOver, jobUntil, platform, uploadTrainingFile } from './support/partner.js';

const STREAMS = 8;
const SWITCHES = 20;
const SECONDS = 60;
const PROMPTS = [
  'Pump : Integer := 3;',
  'Valve_Limit : constant Natural := 42;',
  'Tag_Group : constant Natural := 16;',
];

/** Nothing is tried again: one failed request fails the test. */
const openai = new OpenAI({
  baseURL: platform.client('OPENAI_BASE_URL'),
  apiKey: platform.client('OPENAI_API_KEY'),
  maxRetries: 0,
});

interface Payload {
  deployment: { id: string; name: string } | null;
  revision: { id: string } | null;
  userErrors: unknown[];
}

async function mutate(name: string, inputType: string, input: object): Promise<Payload> {
  const idempotencyKey = `${name}-${crypto.randomUUID()}`;
  const { payload } = await graphql<{ payload: Payload }>(
    `mutation($input: ${inputType}!) { payload: ${name}(input: $input) { deployment { id name } revision { id } userErrors { code message } } }`,
    { input: { ...input, idempotencyKey } },
  );
  expect(payload.userErrors).toEqual([]);
  return payload;
}

/** The whole greedy answer, as it was streamed. */
async function stream(model: string, prompt: string): Promise<string> {
  const messages = [{ role: 'user' as const, content: `Rust: ${prompt}` }];
  let text = '';
  for await (const chunk of await openai.chat.completions.create({
    model,
    messages,
    temperature: 0,
    max_tokens: 60,
    stream: true,
  })) {
    text += chunk.choices[0]?.delta.content ?? '';
  }
  return text;
}

const answersOf = async (model: string): Promise<string[]> => {
  const texts: string[] = [];
  for (const prompt of PROMPTS) texts.push(await stream(model, prompt));
  return texts;
};

describe(`${SWITCHES} switches between revisions in ${SECONDS} s`, () => {
  let deployment: { id: string; name: string };
  let revisions: string[];
  /** By revision, the greedy answer to each prompt. */
  let expected: string[][];

  beforeAll(async () => {
    const job = await jobUntil(await createShortJob(await uploadTrainingFile(), 'switching'), isOver);
    const variant = job.outputName!;
    expected = [await answersOf(base), await answersOf(variant)];
    const projectId = platform.client('FORKPOINT_PROJECT');
    const created = await mutate('createDeployment', 'CreateDeploymentInput', {
      projectId,
      slug: 'switching',
      checkpoint: base,
    });
    deployment = created.deployment!;
    const second = await mutate('deployRevision', 'DeployRevisionInput', {
      deploymentId: deployment.id,
      checkpoint: variant,
      activate: false,
    });
    revisions = [created.revision!.id, second.revision!.id];
  }, 400_000);

  it(`fails no request of ${STREAMS} streams, and each answer is one revision’s`, async () => {
    // Which revision answered can be told.
    for (const index of PROMPTS.keys()) expect(expected[0]![index]).not.toBe(expected[1]![index]);

    const answers: Array<{ index: number; text: string }> = [];
    let hasSwitched = false;
    const streams = Array.from({ length: STREAMS }, async (_, number) => {
      for (let turn = number; !hasSwitched; turn++) {
        const index = turn % PROMPTS.length;
        answers.push({ index, text: await stream(deployment.name, PROMPTS[index]!) });
      }
    });
    const switching = (async () => {
      const began = performance.now();
      for (let turn = 1; turn <= SWITCHES; turn++) {
        await mutate('activateRevision', 'ActivateRevisionInput', {
          deploymentId: deployment.id,
          revisionId: revisions[turn % 2],
        });
        await sleep(Math.max(0, began + (turn * SECONDS * 1000) / SWITCHES - performance.now()));
      }
      hasSwitched = true;
      return (performance.now() - began) / 1000;
    })();
    const [seconds] = await Promise.all([switching, ...streams]);

    const byRevision = [0, 1].map((revision) =>
      answers.filter(({ index, text }) => text === expected[revision]![index]),
    );
    console.log(`${byRevision.map(({ length }) => length).join(' and ')} answers of the two, ${seconds.toFixed(1)} s`);
    expect(answers.filter(({ index, text }) => !expected.some((texts) => texts[index] === text))).toEqual([]);
    expect(byRevision[0]!.length).toBeGreaterThan(SWITCHES);
    expect(byRevision[1]!.length).toBeGreaterThan(SWITCHES);
    expect(seconds).toBeLessThan(SECONDS + 5);
  }, 120_000);

  it('answers by the revision that was switched to last', async () => {
    await expect(answersOf(deployment.name)).resolves.toEqual(expected[SWITCHES % 2]);
  }, 60_000);
});
