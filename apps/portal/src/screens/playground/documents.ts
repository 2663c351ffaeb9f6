import { graphql } from '../../api';

export const CreatePlaygroundKey = graphql(`
  mutation CreatePlaygroundKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      apiKey { id expiresAt }
      secret
      userErrors { code message path }
    }
  }
`);

export const RevokePlaygroundKey = graphql(`
  mutation RevokePlaygroundKey($input: RevokeApiKeyInput!) {
    revokeApiKey(input: $input) {
      apiKey { id revokedAt }
      userErrors { code message path }
    }
  }
`);

export const PlaygroundServing = graphql(`
  query PlaygroundServing($model: String!) {
    servingStatus(checkpoint: $model) { state secondsUntilReady }
  }
`);
