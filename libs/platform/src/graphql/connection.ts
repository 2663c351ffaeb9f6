import type { Type } from '@nestjs/common';
import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import { DomainError } from '#libs/kernel';
import type { Transaction } from '#platform/database';

const DEFAULT_PAGE = 20;
const LARGEST_PAGE = 100;

@ArgsType()
export class ConnectionArgs {
  @Field(() => Int, {
    nullable: true,
    description:
      'How many from the start (or after `after`). At most 100; 20 when neither `first` nor `last` is given.',
  })
  first?: number;

  @Field({ nullable: true, description: 'Begin after this cursor.' })
  after?: string;

  @Field(() => Int, { nullable: true, description: 'How many from the end (or before `before`). At most 100.' })
  last?: number;

  @Field({ nullable: true, description: 'End before this cursor.' })
  before?: string;
}

@ObjectType('PageInfo', { description: 'Where a page lies in its list.' })
export class PageInfo {
  @Field({ description: 'Whether more follows.' }) hasNextPage!: boolean;
  @Field({ description: 'Whether more comes before.' }) hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true, description: 'Cursor of the first edge.' }) startCursor!: string | null;
  @Field(() => String, { nullable: true, description: 'Cursor of the last edge.' }) endCursor!: string | null;
}

export interface Connection<T> {
  edges: Array<{ cursor: string; node: T }>;
  nodes: T[];
  pageInfo: PageInfo;
}

/** The Relay connection and edge types of a node type: `export const { Connection: JobConnection } = connectionOf(JobType, 'Job')`. */
export function connectionOf<T>(
  node: Type<T>,
  name: string,
): { Connection: Type<Connection<T>>; Edge: Type<{ cursor: string; node: T }> } {
  @ObjectType(`${name}Edge`, { description: `One ${name} in a list.` })
  class EdgeType {
    @Field({ description: 'Opaque; give it to `after` or `before`.' }) cursor!: string;
    @Field(() => node, { description: `The ${name}.` }) node!: T;
  }
  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name}.` })
  class ConnectionType {
    @Field(() => [EdgeType], { description: 'The page, with cursors.' }) edges!: EdgeType[];
    @Field(() => [node], { description: 'The page, without cursors.' }) nodes!: T[];
    @Field(() => PageInfo, { description: 'Where the page lies.' }) pageInfo!: PageInfo;
  }
  return { Connection: ConnectionType, Edge: EdgeType };
}

export interface OrderColumn {
  /** A NOT NULL column of the FROM clause, such as `d.created_at`. */
  column: string;
  type: 'timestamptz' | 'text' | 'bigint' | 'int' | 'numeric';
}

export interface PageQuery<Row, Node> {
  /** FROM clause with joins: `datasets d`. */
  from: string;
  columns: string;
  /** Conditions, joined by AND; `$1...` refer to `parameters`. */
  where?: readonly string[];
  parameters?: readonly unknown[];
  /** Must end in a unique column, so that every row has a place of its own. All columns run the same way. */
  orderBy: readonly OrderColumn[];
  direction?: 'ASC' | 'DESC';
  args: ConnectionArgs;
  map: (row: Row) => Node;
}

type Keyed = { __cursor: string[]; __parent?: string };

/** Keyset pagination, both directions. A cursor holds the row's order columns as PostgreSQL prints them: full precision. */
export async function paginate<Row, Node>(tx: Transaction, query: PageQuery<Row, Node>): Promise<Connection<Node>> {
  const page = readArgs(query.args);
  const { sql, parameters } = selectPage(query, page);
  return assemble(await tx.query<Row & Keyed>(sql, parameters), page, query.map);
}

/**
 * A page for each of many parents in one statement. `parentColumn` is compared to the parent's id.
 * Use it behind `context.batched(name, args, ...)`.
 */
export async function paginateMany<Row, Node>(
  tx: Transaction,
  parentIds: readonly string[],
  parentColumn: string,
  query: PageQuery<Row, Node>,
): Promise<Array<Connection<Node>>> {
  const page = readArgs(query.args);
  const inner = selectPage({ ...query, where: [...(query.where ?? []), `${parentColumn} = parent.id`] }, page);
  const parents = `$${inner.parameters.length + 1}`;
  const rows = await tx.query<Row & Keyed>(
    `SELECT parent.id AS __parent, page.* FROM unnest(${parents}::text[]) WITH ORDINALITY AS parent(id, position)
     CROSS JOIN LATERAL (${inner.sql}) page ORDER BY parent.position`,
    [...inner.parameters, [...parentIds]],
  );
  const groups = Map.groupBy(rows, (row) => row.__parent);
  return parentIds.map((id) => assemble(groups.get(id) ?? [], page, query.map));
}

interface ForwardQuery<Node> {
  args: Pick<ConnectionArgs, 'first' | 'after'>;
  /** Gives at most so many, those behind a place. */
  read: (count: number, after: readonly string[] | undefined) => Promise<Node[]>;
  /** As the cursor holds it; every node has one of its own. */
  placeOf: (node: Node) => string[];
}

/** Pages, forward alone, of a list that no one statement finds. */
export async function paginateForward<Node>({ args, read, placeOf }: ForwardQuery<Node>): Promise<Connection<Node>> {
  const page = readArgs(args);
  // One more than asked for tells whether the list goes on.
  const found = await read(page.size + 1, page.after);
  return assemble(
    found.map((node) => ({ node, __cursor: placeOf(node) })),
    page,
    ({ node }) => node,
  );
}

/** For what a cursor names that the list does not have. */
export function cursorOfAnotherList(path: 'after' | 'before'): DomainError {
  return new DomainError('BAD_CURSOR', `\`${path}\` is a cursor of another list.`, { path: [path] });
}

/** Pages of a list that is in memory as a whole and never changes: a cursor is a position. */
export function paginateList<Node>(items: readonly Node[], args: ConnectionArgs): Connection<Node> {
  const page = readArgs(args);
  const start = page.after ? positionIn(items, page.after, 'after') + 1 : 0;
  const end = page.before ? positionIn(items, page.before, 'before') : items.length;
  const from = page.backward ? Math.max(start, end - page.size) : start;
  const to = page.backward ? end : Math.min(end, start + page.size);
  const nodes = items.slice(from, Math.max(from, to));
  const edges = nodes.map((node, offset) => ({ cursor: writeCursor([String(from + offset)]), node }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: from + nodes.length < items.length,
      hasPreviousPage: from > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function positionIn(items: readonly unknown[], [cursor]: string[], path: 'after' | 'before'): number {
  const position = Number(cursor);
  if (Number.isInteger(position) && position >= 0 && position < items.length) return position;
  throw cursorOfAnotherList(path);
}

interface Page {
  size: number;
  backward: boolean;
  after?: string[];
  before?: string[];
}

function readArgs({ first, after, last, before }: ConnectionArgs): Page {
  if (first != null && last != null)
    throw new DomainError('BAD_PAGE', 'Give `first` or `last`, not both.', { path: ['last'] });
  const backward = last != null;
  const size = (backward ? last : first) ?? DEFAULT_PAGE;
  if (!Number.isInteger(size) || size < 0 || size > LARGEST_PAGE) {
    throw new DomainError('BAD_PAGE', `A page has 0 to ${LARGEST_PAGE} entries.`, {
      path: [backward ? 'last' : 'first'],
    });
  }
  return {
    size,
    backward,
    after: after == null ? undefined : readCursor(after, 'after'),
    before: before == null ? undefined : readCursor(before, 'before'),
  };
}

function writeCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

function readCursor(cursor: string, path: string): string[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === 'string')) return values;
  } catch {}
  throw new DomainError(
    'BAD_CURSOR',
    `\`${path}\` is no cursor of this list: use one from \`edges.cursor\` or \`pageInfo\`.`,
    { path: [path] },
  );
}

function selectPage<Row, Node>(query: PageQuery<Row, Node>, page: Page): { sql: string; parameters: unknown[] } {
  const parameters: unknown[] = [...(query.parameters ?? [])];
  const direction = query.direction ?? 'DESC';
  const columns = query.orderBy.map((order) => order.column).join(', ');
  const bound = (values: string[], operator: string, path: 'after' | 'before') => {
    if (values.length !== query.orderBy.length) throw cursorOfAnotherList(path);
    const placeholders = query.orderBy.map((order, position) => `$${parameters.push(values[position])}::${order.type}`);
    return `(${columns}) ${operator} (${placeholders.join(', ')})`;
  };
  const [following, preceding] = direction === 'DESC' ? ['<', '>'] : ['>', '<'];
  const where = [...(query.where ?? [])];
  if (page.after) where.push(bound(page.after, following as string, 'after'));
  if (page.before) where.push(bound(page.before, preceding as string, 'before'));
  const run = page.backward ? (direction === 'DESC' ? 'ASC' : 'DESC') : direction;
  const order = query.orderBy.map((entry) => `${entry.column} ${run}`).join(', ');
  const cursor = `ARRAY[${query.orderBy.map((entry) => `(${entry.column})::text`).join(', ')}] AS __cursor`;
  const conditions = where.length ? `WHERE ${where.map((condition) => `(${condition})`).join(' AND ')}` : '';
  // One more than asked for tells whether the list goes on.
  const sql = `SELECT ${query.columns}, ${cursor} FROM ${query.from} ${conditions} ORDER BY ${order} LIMIT ${page.size + 1}`;
  return { sql, parameters };
}

function assemble<Row, Node>(rows: Array<Row & Keyed>, page: Page, map: (row: Row) => Node): Connection<Node> {
  const more = rows.length > page.size;
  const kept = rows.slice(0, page.size);
  if (page.backward) kept.reverse();
  const edges = kept.map((row) => ({ cursor: writeCursor(row.__cursor), node: map(row) }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: page.backward ? page.before !== undefined : more,
      hasPreviousPage: page.backward ? more : page.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
