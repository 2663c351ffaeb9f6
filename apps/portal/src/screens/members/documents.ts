import { graphql, type ResultOf } from '../../api';

export const MembersPage = graphql(`
  query MembersPage($first: Int, $after: String, $last: Int, $before: String) {
    members(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        role
        allProjects
        createdAt
        projects { id name }
        user { id displayName email }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const ProjectsOfOrganization = graphql(`
  query ProjectsOfOrganization {
    projects(first: 100) {
      nodes { id slug name createdAt }
      pageInfo { hasNextPage }
    }
  }
`);

export const AddMember = graphql(`
  mutation AddMember($input: AddMemberInput!) {
    addMember(input: $input) {
      initialPassword
      member { id }
      userErrors { code message path }
    }
  }
`);

export const ChangeMemberRole = graphql(`
  mutation ChangeMemberRole($input: ChangeMemberRoleInput!) {
    changeMemberRole(input: $input) {
      member { id role allProjects projects { id name } }
      userErrors { code message path }
    }
  }
`);

export const ResetMemberPassword = graphql(`
  mutation ResetMemberPassword($input: MemberInput!) {
    resetMemberPassword(input: $input) {
      initialPassword
      member { id }
      userErrors { code message path }
    }
  }
`);

export const RemoveMember = graphql(`
  mutation RemoveMember($input: MemberInput!) {
    removeMember(input: $input) {
      removedMemberId
      userErrors { code message path }
    }
  }
`);

export const CreateProject = graphql(`
  mutation CreateProject($input: CreateProjectInput!) {
    createProject(input: $input) {
      project { id slug name }
      userErrors { code message path }
    }
  }
`);

export type Member = ResultOf<typeof MembersPage>['members']['nodes'][number];
