export interface Page {
  first: number;
  after?: string | null;
}

export interface Connection<Node> {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface Money {
  currency: string;
  nanos: string;
  display: string;
}

/** What is billed: whole minor units, such as cents. */
export interface Amount {
  currency: string;
  minor: string;
  display: string;
}

export const AMOUNT = '{ currency minor display }';
export const MONEY = '{ currency nanos display }';
export const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';

const LARGEST_PAGE = 100;

/** The first so many of a connection, page by page. */
export async function collect<Node>(ask: (page: Page) => Promise<Connection<Node>>, limit: number): Promise<Node[]> {
  const found: Node[] = [];
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo }: Connection<Node> = await ask({
      first: Math.min(LARGEST_PAGE, limit - found.length),
      after,
    });
    found.push(...nodes);
    if (!pageInfo.hasNextPage || found.length >= limit) return found;
    after = pageInfo.endCursor;
  }
}
