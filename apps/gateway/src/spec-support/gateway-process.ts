import { type ChildProcess, spawn } from 'node:child_process';
import { expect } from '@jest/globals';
import { freePort } from '#test/harness';
import { eventually, GATEWAY_TOKEN, type GatewayWorld, PEPPER } from './world.js';

const START_MILLISECONDS = 60_000;

/** The gateway as it runs in production, from its build. Whoever starts it ends it. */
export async function startGatewayProcess(
  world: GatewayWorld,
  home: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcess; origin: string }> {
  const port = await freePort();
  const child = spawn(process.execPath, ['dist/apps/gateway/src/main.js'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      GATEWAY_PORT: String(port),
      DATABASE_GATEWAY_URL: world.testing.urls.gateway,
      DATABASE_INTAKE_URL: world.testing.urls.intake,
      API_KEY_PEPPER: PEPPER,
      GATEWAY_TOKEN,
      FORKPOINT_HOME: home,
      LOG_LEVEL: 'fatal',
      ...environment,
    },
  });
  const origin = `http://127.0.0.1:${port}`;
  try {
    await eventually(
      async () => expect((await fetch(`${origin}/gateway/healthz`)).status).toBe(200),
      START_MILLISECONDS,
    );
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { child, origin };
}
