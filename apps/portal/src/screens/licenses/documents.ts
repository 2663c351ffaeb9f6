import { graphql, type ResultOf } from '../../api';

const LicenseFields = graphql(`
  fragment LicenseFields on License {
    id
    name
    version
    requiredFrom
    requiresAcceptance
    allowsOffering
    sha256
    createdAt
    acceptance { id acceptedAt }
  }
`);
export type License = ResultOf<typeof LicenseFields>;

export const LicensesPage = graphql(
  `
    query LicensesPage($first: Int, $after: String, $last: Int, $before: String) {
      licenses(first: $first, after: $after, last: $last, before: $before) {
        nodes { ...LicenseFields }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
      outstandingLicenses { id }
    }
  `,
  [LicenseFields],
);

export const LicensePage = graphql(
  `
    query LicensePage($id: ID!) {
      node(id: $id) {
        ... on License { ...LicenseFields text }
      }
    }
  `,
  [LicenseFields],
);
export type LicenseDocument = Extract<NonNullable<ResultOf<typeof LicensePage>['node']>, { text: unknown }>;

export const LicenseAcceptances = graphql(`
  query LicenseAcceptances($licenseId: ID, $first: Int, $after: String, $last: Int, $before: String) {
    licenseAcceptances(licenseId: $licenseId, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        acceptedAt
        acceptedBy
        sha256
        license { id name version }
        organization { id name }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
export type Acceptance = ResultOf<typeof LicenseAcceptances>['licenseAcceptances']['nodes'][number];

export const AcceptLicense = graphql(`
  mutation AcceptLicense($input: AcceptLicenseInput!) {
    acceptLicense(input: $input) {
      licenseAcceptance { id license { id acceptance { id } } }
      userErrors { code message path }
    }
  }
`);

export const PublishLicense = graphql(`
  mutation PublishLicense($input: PublishLicenseInput!) {
    publishLicense(input: $input) {
      license { id name version }
      userErrors { code message path }
    }
  }
`);
