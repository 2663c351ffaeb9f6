import { Platform1700000000010 } from './010-platform.js';
import { Identity1700000000020 } from './020-identity.js';
import { Audit1700000000025 } from './025-audit.js';
import { Contracts1700000000030 } from './030-contracts.js';
import { Catalog1700000000040 } from './040-catalog.js';
import { Usage1700000000050 } from './050-usage.js';
import { Compute1700000000060 } from './060-compute.js';
import { Datasets1700000000070 } from './070-datasets.js';
import { FineTuning1700000000080 } from './080-fine-tuning.js';
import { Evaluations1700000000090 } from './090-evaluations.js';
import { Deployments1700000000100 } from './100-deployments.js';
import { EndsOfJobs1700000000105 } from './105-ends-of-jobs.js';
import { ReadAtScale1700000000110 } from './110-read-at-scale.js';
import { Turns1700000000120 } from './120-turns.js';
import { FirstTokens1700000000130 } from './130-first-tokens.js';
import { Cluster1700000000140 } from './140-cluster.js';
import { CheckpointSamples1700000000150 } from './150-checkpoint-samples.js';
import { Ledger1700000000160 } from './160-ledger.js';
import { ContractVersions1700000000170 } from './170-contract-versions.js';
import { Invoices1700000000180 } from './180-invoices.js';
import { PricesByContract1700000000190 } from './190-prices-by-contract.js';
import { Payments1700000000200 } from './200-payments.js';
import { PaymentReversals1700000000210 } from './210-payment-reversals.js';
import { InvoiceExports1700000000220 } from './220-invoice-exports.js';
import { SpendCaps1700000000230 } from './230-spend-caps.js';
import { ServiceStops1700000000240 } from './240-service-stops.js';
import { MailOutbox1700000000241 } from './241-mail-outbox.js';
import { ServiceStates1700000000242 } from './242-service-states.js';
import { CreditNotes1700000000250 } from './250-credit-notes.js';
import { BankTransfers1700000000260 } from './260-bank-transfers.js';
import { BillingExports1700000000270 } from './270-billing-exports.js';
import { Licenses1700000000280 } from './280-licenses.js';
import { Webhooks1700000000290 } from './290-webhooks.js';
import { SpendLeases1700000000300 } from './300-spend-leases.js';
import { ClusterTime1700000000310 } from './310-cluster-time.js';
import { Listings1700000000320 } from './320-listings.js';
import { PaymentTerms1700000000330 } from './330-payment-terms.js';
import { UseClauses1700000000331 } from './331-use-clauses.js';
import { UsageCopy1700000000340 } from './340-usage-copy.js';
import { Refunds1700000000341 } from './341-refunds.js';
import { PublisherPayouts1700000000342 } from './342-publisher-payouts.js';
import { PaymentApplications1700000000343 } from './343-payment-applications.js';
import { Retention1700000000350 } from './350-retention.js';
import { TrainingOnRecord1700000000360 } from './360-training-on-record.js';
import { MeteredStorage1700000000361 } from './361-metered-storage.js';
import { DeletedVariants1700000000362 } from './362-deleted-variants.js';

/** In the order of their numbers. */
export const MIGRATIONS = [
  Platform1700000000010,
  Identity1700000000020,
  Audit1700000000025,
  Contracts1700000000030,
  Catalog1700000000040,
  Usage1700000000050,
  Compute1700000000060,
  Datasets1700000000070,
  FineTuning1700000000080,
  Evaluations1700000000090,
  Deployments1700000000100,
  EndsOfJobs1700000000105,
  ReadAtScale1700000000110,
  Turns1700000000120,
  FirstTokens1700000000130,
  Cluster1700000000140,
  CheckpointSamples1700000000150,
  Ledger1700000000160,
  ContractVersions1700000000170,
  Invoices1700000000180,
  PricesByContract1700000000190,
  Payments1700000000200,
  PaymentReversals1700000000210,
  InvoiceExports1700000000220,
  SpendCaps1700000000230,
  ServiceStops1700000000240,
  MailOutbox1700000000241,
  ServiceStates1700000000242,
  CreditNotes1700000000250,
  BankTransfers1700000000260,
  BillingExports1700000000270,
  Licenses1700000000280,
  Webhooks1700000000290,
  SpendLeases1700000000300,
  ClusterTime1700000000310,
  Listings1700000000320,
  PaymentTerms1700000000330,
  UseClauses1700000000331,
  UsageCopy1700000000340,
  Refunds1700000000341,
  PublisherPayouts1700000000342,
  PaymentApplications1700000000343,
  Retention1700000000350,
  TrainingOnRecord1700000000360,
  MeteredStorage1700000000361,
  DeletedVariants1700000000362,
];
