import { ensureTemplate } from './template-database.js';
import { handOver } from './test-environment.js';
import { TestServers } from './test-servers.js';

/** Before the unit tests: real PostgreSQL, Valkey and S3. What does not start fails the run, loudly. */
export default async function setUp(): Promise<void> {
  const servers = new TestServers();
  const { ports, secrets } = await servers.enter();
  try {
    const template = await ensureTemplate({ port: ports.postgres, secrets });
    handOver({ home: servers.home.root, ports, secrets, template });
  } catch (error) {
    await servers.leave({ keep: false });
    throw error;
  }
}
