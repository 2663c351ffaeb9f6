import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { readPersistedOperations } from '#platform/graphql';

test("the portal's operations are known by the hash of their text, and valid by the schema", () => {
  const schema = buildSchema(readFileSync('docs/generated/schema.graphql', 'utf8'));
  const operations = readPersistedOperations('docs/generated/portal-operations.json');
  expect(operations.size).toBeGreaterThan(50);
  const invalid = [...operations.values()].flatMap((text) => validate(schema, parse(text)));
  expect(invalid.map(({ message }) => message)).toEqual([]);
});
