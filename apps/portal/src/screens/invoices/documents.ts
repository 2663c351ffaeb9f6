import { graphql, type ResultOf } from '../../api';
import { TermsFields } from '../../terms';

export const InvoiceRowFields = graphql(`
  fragment InvoiceRowFields on Invoice {
    id
    number
    period
    from
    to
    state
    due { currency minor }
    open { currency minor }
    contract { id name organization { id name } }
  }
`);
export type InvoiceRow = ResultOf<typeof InvoiceRowFields>;

export const InvoicesPage = graphql(
  `
    query InvoicesPage($state: InvoiceState, $contractId: ID, $first: Int, $after: String, $last: Int, $before: String) {
      invoices(state: $state, contractId: $contractId, first: $first, after: $after, last: $last, before: $before) {
        nodes { ...InvoiceRowFields }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [InvoiceRowFields],
);

export const InvoiceContracts = graphql(`
  query InvoiceContracts {
    contracts(first: 100) {
      nodes { id name organization { id name } }
    }
  }
`);

export const InvoiceLineFields = graphql(`
  fragment InvoiceLineFields on InvoiceLine {
    id
    part
    amount { currency minor }
    meter
    quantity
    projectId
    version
    ruleId
    listing { id title prices { meter priceNanos perUnits } }
    period
    grantId
    commitmentId
  }
`);
export type InvoiceLine = ResultOf<typeof InvoiceLineFields>;

export const InvoicePage = graphql(
  `
    query InvoicePage($id: ID!) {
      node(id: $id) {
        ... on Invoice {
          ...InvoiceRowFields
          organizationId
          finalizesAt
          finalizedAt
          dueAt
          currency
          document
          documentSha256
          closedAt
          closeReason
          paymentUrl
          lines { ...InvoiceLineFields }
          export { readyAt bytes sha256 }
          terms: contract {
            purchaseOrder
            versions { number terms { ...TermsFields } }
          }
        }
      }
    }
  `,
  [InvoiceRowFields, InvoiceLineFields, TermsFields],
);
type InvoiceNode = NonNullable<ResultOf<typeof InvoicePage>['node']>;
export type Invoice = Extract<InvoiceNode, { lines: unknown }>;

export const InvoicePreviewPart = graphql(
  `
    query InvoicePreviewPart($contractId: ID!) {
      invoicePreview(contractId: $contractId) {
        period
        document
        unpriced
        lines { ...InvoiceLineFields }
      }
    }
  `,
  [InvoiceLineFields],
);

/** What lines name by id. */
export const InvoiceFile = graphql(`
  query InvoiceFile($id: ID!) {
    node(id: $id) {
      ... on Invoice { id export { file { url } } }
    }
  }
`);

export const ExportInvoice = graphql(`
  mutation ExportInvoice($input: ExportInvoiceInput!) {
    exportInvoice(input: $input) {
      invoice { id export { readyAt } }
      userErrors { code message path }
    }
  }
`);

export const VoidInvoice = graphql(`
  mutation VoidInvoice($input: VoidInvoiceInput!) {
    voidInvoice(input: $input) {
      invoice { id state }
      userErrors { code message path }
    }
  }
`);

export const MarkInvoiceUncollectible = graphql(`
  mutation MarkInvoiceUncollectible($input: MarkInvoiceUncollectibleInput!) {
    markInvoiceUncollectible(input: $input) {
      invoice { id state }
      userErrors { code message path }
    }
  }
`);

export const InvoiceLineUsage = graphql(`
  query InvoiceLineUsage($invoiceId: ID!, $lineId: ID!, $first: Int, $after: String) {
    invoiceLineUsage(invoiceId: $invoiceId, lineId: $lineId, first: $first, after: $after) {
      nodes { id admittedAt finalAt quantity }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
export type LineUsage = ResultOf<typeof InvoiceLineUsage>['invoiceLineUsage']['nodes'][number];

/** What was used, for who may see that. */
export const InvoiceUsageEvents = graphql(`
  query InvoiceUsageEvents($ids: [ID!]!) {
    nodes(ids: $ids) {
      id
      ... on UsageEvent { kind model }
    }
  }
`);

export const InvoiceDisputes = graphql(`
  query InvoiceDisputes($invoiceId: ID!) {
    invoiceDisputes(invoiceId: $invoiceId, first: 100) {
      nodes { id lineId state reason rejection openedAt }
    }
  }
`);
export type Dispute = ResultOf<typeof InvoiceDisputes>['invoiceDisputes']['nodes'][number];

export const DisputeInvoiceLine = graphql(`
  mutation DisputeInvoiceLine($input: DisputeInvoiceLineInput!) {
    disputeInvoiceLine(input: $input) {
      invoiceDispute { id state }
      userErrors { code message path }
    }
  }
`);

export const RejectInvoiceDispute = graphql(`
  mutation RejectInvoiceDispute($input: RejectInvoiceDisputeInput!) {
    rejectInvoiceDispute(input: $input) {
      invoiceDispute { id state rejection }
      userErrors { code message path }
    }
  }
`);

export const InvoiceSettlements = graphql(`
  query InvoiceSettlements($id: ID!) {
    node(id: $id) {
      ... on Invoice {
        id
        bankTransfers { id reference receivedAt postedAt amount { currency minor } }
        unapplied { currency minor }
        paymentApplications { id requestedAt postedAt amount { currency minor } applied { currency minor } }
        creditNotes(first: 100) {
          nodes {
            id
            number
            issuedAt
            reason
            lines { lineId amount { minor } }
            total { currency minor }
            owed { currency minor }
            unrefunded { currency minor }
            refunds { id state requestedAt failure amount { currency minor } }
          }
        }
      }
    }
  }
`);
export type Settled = Extract<NonNullable<ResultOf<typeof InvoiceSettlements>['node']>, { bankTransfers: unknown }>;
export type BankTransfer = Settled['bankTransfers'][number];
export type PaymentApplication = Settled['paymentApplications'][number];
export type CreditNote = Settled['creditNotes']['nodes'][number];
export type Refund = CreditNote['refunds'][number];

export const CreateCreditNote = graphql(`
  mutation CreateCreditNote($input: CreateCreditNoteInput!) {
    createCreditNote(input: $input) {
      creditNote { id invoice { id state open { minor } } }
      userErrors { code message path }
    }
  }
`);

export const RefundCreditNote = graphql(`
  mutation RefundCreditNote($input: RefundCreditNoteInput!) {
    refundCreditNote(input: $input) {
      creditNote { id unrefunded { minor } refunds { id state } }
      userErrors { code message path }
    }
  }
`);

export const RecordBankTransfer = graphql(`
  mutation RecordBankTransfer($input: RecordBankTransferInput!) {
    recordBankTransfer(input: $input) {
      invoice { id state bankTransfers { id } }
      userErrors { code message path }
    }
  }
`);

export const ApplyUnappliedPayments = graphql(`
  mutation ApplyUnappliedPayments($input: ApplyUnappliedPaymentsInput!) {
    applyUnappliedPayments(input: $input) {
      invoice { id state unapplied { minor } paymentApplications { id } }
      userErrors { code message path }
    }
  }
`);
