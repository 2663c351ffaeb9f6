/** Every address of the portal, in one place. Parts of a name that an address treats as special are encoded here. */
export const paths = {
  home: () => '/',
  signIn: () => '/sign-in',
  password: () => '/password',
  lineage: (family?: string) => (family ? `/lineage/${segment(family)}` : '/lineage'),
  /** Names may hold ':' and '/', which stand as they are. */
  model: (name: string) => `/models/${name.split('/').map(segment).join('/')}`,
  datasets: () => '/datasets',
  dataset: (id: string) => `/datasets/${segment(id)}`,
  fineTunes: () => '/fine-tunes',
  newFineTune: () => '/fine-tunes/new',
  fineTune: (id: string) => `/fine-tunes/${segment(id)}`,
  compareFineTunes: () => '/fine-tunes/compare',
  evaluations: () => '/evaluations',
  evaluation: (id: string) => `/evaluations/${segment(id)}`,
  compareEvaluations: () => '/evaluations/compare',
  deployments: () => '/deployments',
  deployment: (id: string) => `/deployments/${segment(id)}`,
  playground: () => '/playground',
  keys: () => '/keys',
  members: () => '/members',
  serviceAccounts: () => '/service-accounts',
  usage: () => '/usage',
  audit: () => '/audit',
  contracts: () => '/contracts',
  contract: (id: string) => `/contracts/${segment(id)}`,
  lab: (part: 'checkpoints' | 'prices' | 'entitlements' | 'queue' | 'partners') => `/lab/${part}`,
} as const;

function segment(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}
