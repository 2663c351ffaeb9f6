import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { PaymentDrifts, PaymentsModule, stripeOptionsOf } from '#libs/billing';
import { canonicalJson, systemClock } from '#libs/kernel';
import { ENVIRONMENT, loadConfig } from '#platform/config';
import { DatabaseModule } from '#platform/database';

/**
 *   node dist/apps/worker/src/payment-drift.js [DAYS]    lists what differs between our invoices and the payment provider's, issued in
 *                                                        the last 90 days or DAYS; ends with 1 if anything does. It changes nothing.
 */
const { DATABASE_APP_URL, DATABASE_RECONCILER_URL, STRIPE_API_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_URL } =
  ENVIRONMENT;
const config = loadConfig(
  z.object({ DATABASE_APP_URL, DATABASE_RECONCILER_URL, STRIPE_API_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_URL }),
);
const days = z.coerce.number().positive().default(90).parse(process.argv[2]);

const app = await NestFactory.createApplicationContext(
  {
    module: class PaymentDriftModule {},
    imports: [
      DatabaseModule.forRoot({
        appUrl: config.DATABASE_APP_URL,
        narrowUrls: { reconciler: config.DATABASE_RECONCILER_URL },
        poolSize: 2,
      }),
      PaymentsModule.forRoot({ stripe: stripeOptionsOf(config) }),
    ],
  },
  { logger: ['error'], abortOnError: false },
);
try {
  const since = new Date(systemClock.now().getTime() - days * 24 * 60 * 60_000);
  const drifts = await app.get(PaymentDrifts).find(since);
  for (const drift of drifts) console.log(canonicalJson(drift));
  console.error(drifts.length === 0 ? 'Both sides agree.' : `${drifts.length} differences.`);
  process.exitCode = drifts.length === 0 ? 0 : 1;
} finally {
  await app.close();
}
