import { TestServers } from './test-servers.js';

export default async function tearDown(): Promise<void> {
  await new TestServers().leave({ keep: process.env['FORKPOINT_TEST_KEEP'] === '1' });
}
