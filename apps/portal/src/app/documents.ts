import { graphql } from '../api';

export const SessionViewer = graphql(`
  query SessionViewer {
    me {
      type
      id
      permissions
      allProjects
      user { id displayName email }
      organization { id kind name slug }
    }
    projects(first: 100) {
      nodes { id slug name }
    }
  }
`);

export const ChangePassword = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      changed
      userErrors { code message path }
    }
  }
`);
