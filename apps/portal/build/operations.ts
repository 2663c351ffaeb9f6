import { formatDocument, stringifyDocument } from 'urql';

type Documents = Record<string, unknown>;
type ParsedDocument = Parameters<typeof formatDocument>[0];

/** Texts of all queries and mutations of the portal, exactly as they are hashed when they are sent. */
export function operationTexts(): string[] {
  const modules = import.meta.glob<Documents>('../src/**/documents.ts', { eager: true });
  return Object.values(modules)
    .flatMap((module) => Object.values(module))
    .filter(isSentByHash)
    .map((document) => stringifyDocument(formatDocument(document)));
}

/** Fragments are a part of what uses them; subscriptions go another way, as text. */
function isSentByHash(exported: unknown): exported is ParsedDocument {
  const { kind, definitions } = (exported ?? {}) as Partial<ParsedDocument>;
  if (kind !== 'Document') return false;
  return definitions?.some((one) => one.kind === 'OperationDefinition' && one.operation !== 'subscription') ?? false;
}
