import { graphql, type ResultOf } from '../api';

const UploadProgressed = graphql(`
  fragment UploadProgressed on Upload {
    id
    status
    method
    filename
    bytes
    partBytes
    partCount
    arrivedParts { partNumber bytes }
    failure { code message }
    version { id number status }
  }
`);

export const BeginUpload = graphql(
  `
    mutation BeginUpload($input: BeginUploadInput!) {
      beginUpload(input: $input) {
        upload { ...UploadProgressed }
        userErrors { code message path }
      }
    }
  `,
  [UploadProgressed],
);

export const PresignUploadParts = graphql(`
  mutation PresignUploadParts($input: PresignUploadPartsInput!) {
    presignUploadParts(input: $input) {
      parts { partNumber request { method url headers } }
      userErrors { code message path }
    }
  }
`);

export const CompleteUpload = graphql(
  `
    mutation CompleteUpload($input: UploadInput!) {
      completeUpload(input: $input) {
        upload { ...UploadProgressed }
        userErrors { code message path }
      }
    }
  `,
  [UploadProgressed],
);

export const AbortUpload = graphql(`
  mutation AbortUpload($input: UploadInput!) {
    abortUpload(input: $input) {
      upload { id status }
      userErrors { code message path }
    }
  }
`);

export const UploadState = graphql(
  `
    query UploadState($id: ID!) {
      node(id: $id) { ...UploadProgressed }
    }
  `,
  [UploadProgressed],
);

/** Apart from the rest: a request that is signed when it is read is asked for when it is about to be sent. */
export const UploadSinglePut = graphql(`
  query UploadSinglePut($id: ID!) {
    node(id: $id) {
      ... on Upload { id singlePut { method url headers } }
    }
  }
`);

export type RemoteUpload = ResultOf<typeof UploadProgressed>;
