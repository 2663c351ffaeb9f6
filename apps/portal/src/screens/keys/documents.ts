import { graphql, type ResultOf } from '../../api';

export const ApiKeyFields = graphql(`
  fragment ApiKeyFields on ApiKey {
    id
    name
    hint
    scopes
    createdAt
    expiresAt
    revokedAt
    requestsPerMinute
    tokensPerMinute
    project { id name }
    user { id displayName email }
    serviceAccount { id name }
  }
`);

export const KeysPage = graphql(
  `
  query KeysPage($first: Int, $after: String, $last: Int, $before: String, $includeRevoked: Boolean!) {
    apiKeys(first: $first, after: $after, last: $last, before: $before, includeRevoked: $includeRevoked) {
      nodes { ...ApiKeyFields }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`,
  [ApiKeyFields],
);

/** All keys that hold, for who owns how many. */
export const KeysInForce = graphql(
  `
  query KeysInForce($after: String) {
    apiKeys(first: 100, after: $after, includeRevoked: false) {
      nodes { ...ApiKeyFields }
      pageInfo { hasNextPage endCursor }
    }
  }
`,
  [ApiKeyFields],
);

export const KeyOwners = graphql(`
  query KeyOwners($withAccounts: Boolean!) {
    me { id allProjects }
    serviceAccounts(first: 100) @include(if: $withAccounts) {
      nodes { id name role project { id } }
    }
  }
`);

export const CreateApiKey = graphql(`
  mutation CreateApiKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      apiKey { id name }
      secret
      userErrors { code message path }
    }
  }
`);

export const RevokeApiKey = graphql(`
  mutation RevokeApiKey($input: RevokeApiKeyInput!) {
    revokeApiKey(input: $input) {
      apiKey { id revokedAt }
      userErrors { code message path }
    }
  }
`);

export const ServiceAccountsPage = graphql(`
  query ServiceAccountsPage($first: Int, $after: String, $last: Int, $before: String) {
    serviceAccounts(first: $first, after: $after, last: $last, before: $before) {
      nodes { id name role createdAt project { id name } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const CreateServiceAccount = graphql(`
  mutation CreateServiceAccount($input: CreateServiceAccountInput!) {
    createServiceAccount(input: $input) {
      serviceAccount { id name }
      userErrors { code message path }
    }
  }
`);

export const RemoveServiceAccount = graphql(`
  mutation RemoveServiceAccount($input: RemoveServiceAccountInput!) {
    removeServiceAccount(input: $input) {
      removedServiceAccountId
      userErrors { code message path }
    }
  }
`);

export type ApiKey = ResultOf<typeof KeysPage>['apiKeys']['nodes'][number];
