export interface UnsignedRequest {
  method: string;
  /** BUCKET stands for the platform's, KEY for another tenant's object. */
  path: string;
  body?: string;
  headers?: Record<string, string>;
  /** 403 unless said otherwise. */
  status?: number;
}

/** S3 servers may hand out credentials at the same address; what that does not know it calls invalid. */
const credentials = (action: Record<string, string>, status: number): UnsignedRequest => ({
  method: 'POST',
  path: '/',
  body: new URLSearchParams(action).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  status,
});
const IAM = { Version: '2010-05-08', UserName: 'spy' };
const ROLE = { Version: '2011-06-15', RoleArn: 'arn:aws:iam::000000000000:role/spy', RoleSessionName: 'spy' };

/** What S3 would do for who may. */
export const UNSIGNED: UnsignedRequest[] = [
  { method: 'GET', path: '/' },
  { method: 'PUT', path: '/spies' },
  { method: 'GET', path: '/BUCKET' },
  { method: 'HEAD', path: '/BUCKET' },
  { method: 'GET', path: '/BUCKET?list-type=2&prefix=org/' },
  { method: 'GET', path: '/BUCKET?versions' },
  { method: 'GET', path: '/BUCKET?uploads' },
  { method: 'GET', path: '/BUCKET?policy' },
  { method: 'PUT', path: '/BUCKET?policy', body: '{"Statement":[]}' },
  { method: 'PUT', path: '/BUCKET?acl', body: '<AccessControlPolicy/>' },
  { method: 'POST', path: '/BUCKET?delete', body: '<Delete><Object><Key>KEY</Key></Object></Delete>' },
  { method: 'DELETE', path: '/BUCKET' },
  { method: 'GET', path: '/BUCKET/KEY' },
  { method: 'HEAD', path: '/BUCKET/KEY' },
  { method: 'GET', path: '/BUCKET/KEY?acl' },
  { method: 'PUT', path: '/BUCKET/KEY', body: 'spoilt' },
  { method: 'PUT', path: '/BUCKET/org/spy', body: 'new' },
  { method: 'PUT', path: '/BUCKET/org/spy', headers: { 'x-amz-copy-source': '/BUCKET/KEY' } },
  { method: 'POST', path: '/BUCKET/KEY?uploads' },
  { method: 'DELETE', path: '/BUCKET/KEY' },
  credentials({ Action: 'CreateAccessKey', ...IAM }, 400),
  credentials({ Action: 'ListUsers', ...IAM }, 400),
  credentials({ Action: 'AssumeRole', ...ROLE }, 403),
  credentials({ Action: 'AssumeRoleWithWebIdentity', WebIdentityToken: 'x', ...ROLE }, 403),
];
