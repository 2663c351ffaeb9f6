import { join } from 'node:path';
import { GraphqlClient, signIn } from '#libs/client';
import { readLineage } from './lineage-folder.js';
import {
  ensureEntitlement,
  ensureMember,
  ensureOrganization,
  ensureWorkplace,
  LAB_BILLING,
  PARTNERS,
  usersOf,
} from './partners.js';
import { ensurePrices } from './prices.js';
import { publishLineage } from './publish-lineage.js';
import { readResult, type SeedResult, writeResult } from './result.js';
import { say } from './say.js';
import { settings } from './settings.js';
import { ensureSuite } from './suite.js';

/** What a lab's people do on a new platform, by its public interfaces. Run again it changes nothing. */
async function seed(): Promise<void> {
  const { origin, administrator, operator } = settings;
  const lineage = await readLineage(settings.lineage);
  const asOperator = new GraphqlClient(await signIn(origin, operator.email, operator.password));
  const asAdministrator = new GraphqlClient(await signIn(origin, administrator.email, administrator.password));
  const { familyId, checkpoints } = await publishLineage(asOperator, lineage, settings.lineage);
  await ensurePrices(asOperator);
  for (const user of LAB_BILLING) await ensureMember(asAdministrator, user);
  const earlier = readResult(settings.result);
  const partners: SeedResult['partners'] = [];
  for (const partner of PARTNERS) {
    const organizationId = await ensureOrganization(asAdministrator, partner);
    await ensureEntitlement(asOperator, { organizationId, familyId, partner });
    const knownKey = earlier?.partners.find(({ slug }) => slug === partner.slug)?.apiKey;
    partners.push({ slug: partner.slug, organizationId, ...(await ensureWorkplace(partner, knownKey)) });
  }
  const { apiKey, projectId } = partners[0]!;
  const evaluationSuiteId = await ensureSuite(apiKey, projectId, join(settings.lineage, lineage.data.evaluation));
  writeResult(settings.result, {
    apiKey,
    projectId,
    earlyCheckpoint: checkpoints[0]!.name,
    latestCheckpoint: checkpoints.at(-1)!.name,
    evaluationSuiteId,
    users: users(),
    partners,
  });
  say(`${lineage.family} is published: ${checkpoints.length} checkpoints, for ${PARTNERS.length} partners`);
}

/** Names by which the users are told apart: the first partner's, then `other_`..., and the lab's own. */
function users(): SeedResult['users'] {
  const ofLab = LAB_BILLING.map(({ email, password, role }) => ({ email, password, organization: 'lab', role }));
  const ofPartners = PARTNERS.flatMap((partner, position) =>
    usersOf(partner).map(({ email, password, role }) => ({
      email,
      password,
      organization: partner.slug,
      role: position === 0 ? role : `other_${role}`,
    })),
  );
  return [...ofPartners, ...ofLab];
}

await seed().catch((error: unknown) => {
  const { name, message, code } = error as Error & { code?: string };
  console.error(code ? `${code}: ${message}` : `${name}: ${message}`);
  process.exitCode = 1;
});
