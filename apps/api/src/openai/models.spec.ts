import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { ROLES, type Role } from '#libs/identity';
import { newId } from '#libs/kernel';
import { assertOpenAi } from '#test/harness';
import { FineTuningFixture, type Tuner } from '../../../../libs/fine-tuning/src/fine-tuning.fixture.js';
import { OpenAiModelsModule } from './models.module.js';

let fixture: FineTuningFixture;
let origin: string;
let tuner: Tuner;
let client: OpenAI;
let model: string;

beforeAll(async () => {
  fixture = await FineTuningFixture.start([OpenAiModelsModule]);
  origin = await fixture.graphql.origin();
});
afterAll(() => fixture?.stop());
beforeEach(async () => {
  tuner = await fixture.tuner();
  client = clientOf(tuner.who);
  model = (await fixture.succeed(tuner, await fixture.running(tuner, { suffix: 'rust' }))).outputName!;
});

/** Who calls is told by a header; keys are the concern of another spec. */
const clientOf = (who: string, project?: string) =>
  new OpenAI({ apiKey: 'none', baseURL: `${origin}/v1`, maxRetries: 0, project, defaultHeaders: { who } });

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => null,
    ({ status, code, type, error }: InstanceType<typeof OpenAI.APIError>) => {
      assertOpenAi('ErrorResponse', { error });
      return { status, code, type, message: (error as Error).message };
    },
  );

const audited = () =>
  fixture.as(tuner, (tx) =>
    tx.query(
      `SELECT outcome, target_ids, actor_id FROM audit_entries WHERE organization_id = :organization AND action = 'deleteVariant'
       ORDER BY sequence`,
    ),
  );

describe('deleting a model', () => {
  test('is answered as OpenAI does, again too, and is on the audit log', async () => {
    expect(model).toMatch(/^ft:.*:rust:/);
    const answer = { id: model, object: 'model', deleted: true };
    const deleted = await client.models.delete(model);
    assertOpenAi('DeleteModelResponse', deleted);
    expect(deleted).toEqual(answer);
    expect(await client.models.delete(model)).toEqual(answer);
    const { id, manifest_sha256 } = (
      await fixture.as(tuner, (tx) =>
        tx.query<{ id: string; manifest_sha256: string }>(
          'SELECT id, manifest_sha256 FROM checkpoints WHERE name = $1',
          [model],
        ),
      )
    )[0]!;
    expect(manifest_sha256).toMatch(/^[0-9a-f]{64}$/);
    const entry = { outcome: 'done', target_ids: [id], actor_id: tuner.scope.actor.id };
    expect(await audited()).toEqual([entry, entry]);
    expect(await client.models.delete(id)).toEqual(answer);
  });

  test('takes the name as a path has it, with and without its colons encoded', async () => {
    const path = (name: string) =>
      fetch(`${origin}/v1/models/${name}`, { method: 'DELETE', headers: { who: tuner.who } });
    const answers = [await path(encodeURIComponent(model)), await path(model), await path('web%2Fhelper')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404]);
  });

  test('is refused in OpenAI’s shape while something reads it', async () => {
    const job = await fixture.create({ ...tuner, checkpoint: { ...tuner.checkpoint, name: model } });
    expect(await refusal(client.models.delete(model))).toEqual({
      status: 409,
      code: 'variant_in_use',
      type: 'invalid_request_error',
      message: `${model} can't be deleted while it is in use: ${job.id} reads it: wait until it has ended, or cancel it.`,
    });
    await fixture.move(tuner, 'cancel', job.id);
    expect(await client.models.delete(model)).toMatchObject({ deleted: true });
    const again = fixture.create({ ...tuner, checkpoint: { ...tuner.checkpoint, name: model } });
    await expect(again).rejects.toMatchObject({ code: 'CONTENT_REMOVED' });
  });

  test('is refused for what is not one’s own: of another partner, of the lab, of another project', async () => {
    const other = await fixture.tuner();
    const missing = { status: 404, code: 'checkpoint_not_found' };
    expect(await refusal(clientOf(other.who).models.delete(model))).toMatchObject(missing);
    expect(await refusal(client.models.delete('ft:nothing'))).toMatchObject(missing);
    expect(await refusal(client.models.delete(tuner.checkpoint.name))).toMatchObject({
      status: 403,
      code: 'variant_not_own',
    });
    const elsewhere = fixture.graphql.caller(tuner, undefined, [newId('proj')]);
    expect(await refusal(clientOf(elsewhere).models.delete(model))).toMatchObject(missing);
  });

  test('is for engineers and administrators', async () => {
    const may = async (role: Role) => {
      const who = fixture.graphql.caller(tuner, ROLES[role].permissions, [tuner.projectId]);
      return (await refusal(clientOf(who).models.delete(model)))?.code ?? 'deleted';
    };
    for (const role of ['auditor', 'billing_admin', 'viewer'] as const) expect(await may(role)).toBe('forbidden');
    expect(await may('partner_engineer')).toBe('deleted');
    expect(await may('partner_admin')).toBe('deleted');
  });
});
