import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, canonicalJson } from '#libs/kernel';
import { Every } from '#platform/queue';
import { createLogger } from '#platform/telemetry';
import { type PaymentDrift, PaymentDrifts } from '../payments/payment-drift.js';
import { Payments } from '../payments/payments.service.js';

const LOOK_BACK_MILLISECONDS = 90 * 24 * 60 * 60_000;

/** Compares both sides now and then. What webhooks would have told, had they come, is taken over; what is left is for a person. */
@Injectable()
export class PaymentReconciler {
  private readonly logger = createLogger('worker');

  constructor(
    private readonly drifts: PaymentDrifts,
    private readonly payments: Payments,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Every('1h', 'billing.payment-drift')
  async run(_signal: AbortSignal): Promise<void> {
    for (const drift of await this.reconcile()) {
      this.logger.error({ drift: canonicalJson(drift) }, 'the payment provider and our books differ');
    }
  }

  /** Gives the differences that remain. */
  async reconcile(): Promise<PaymentDrift[]> {
    const since = new Date(this.clock.now().getTime() - LOOK_BACK_MILLISECONDS);
    const found = await this.drifts.find(since);
    const late = found.filter(isLate);
    if (late.length === 0) return found;
    for (const { organizationId, providerInvoiceId } of late)
      await this.payments.refresh(organizationId, providerInvoiceId);
    return this.drifts.find(since);
  }
}

type LateDrift = Extract<PaymentDrift, { kind: 'status_differs' | 'paid_differs' | 'refund_state_differs' }>;

/** What a look at the invoice mends. */
const isLate = (drift: PaymentDrift): drift is LateDrift =>
  drift.kind === 'status_differs' || drift.kind === 'paid_differs' || drift.kind === 'refund_state_differs';
