import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { BigIntScalar, JsonScalar } from '#platform/graphql';

const PLACEHOLDERS = {
  DATABASE_APP_URL: 'postgres://schema',
  DATABASE_RECONCILER_URL: 'postgres://schema',
  DATABASE_RELAY_URL: 'postgres://schema',
  DATABASE_GATEWAY_URL: 'postgres://schema',
  VALKEY_URL: 'redis://schema',
  S3_ENDPOINT: 'http://schema',
  S3_PUBLIC_ENDPOINT: 'http://schema',
  S3_ACCESS_KEY_ID: 'schema',
  S3_SECRET_ACCESS_KEY: 'schema',
  S3_BUCKET: 'schema',
  PUBLIC_ORIGIN: 'http://schema',
  API_KEY_PEPPER: 'x'.repeat(32),
  SESSION_SECRET: 'x'.repeat(32),
  GATEWAY_TOKEN: 'x'.repeat(32),
};

/**
 * Writes the GraphQL schema as text to the file named by the first argument: from the decorators alone, so no server has to run.
 */
const [file] = process.argv.slice(2);
if (!file) throw new Error('name the file to write');
// The modules read their configuration when they are loaded; none of it reaches the schema.
Object.assign(process.env, PLACEHOLDERS, { ...process.env });
const { AppModule } = await import('./app.module.js');
const builder = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
const schema = await builder.get(GraphQLSchemaFactory).create([...resolversOf(AppModule)], [BigIntScalar, JsonScalar]);
await writeFile(file, `${printSchema(lexicographicSortSchema(schema))}\n`);
await builder.close();

type Imported = Type | DynamicModule | Promise<DynamicModule> | { forwardRef: () => Type };

function* resolversOf(imported: Imported, seen = new Set<unknown>()): Generator<Type> {
  if (seen.has(imported) || imported instanceof Promise || 'forwardRef' in imported) return;
  seen.add(imported);
  const dynamic = 'module' in imported ? imported : undefined;
  const module = dynamic ? dynamic.module : imported;
  const listed = <T>(name: 'imports' | 'providers'): T[] => [
    ...((Reflect.getMetadata(name, module) ?? []) as T[]),
    ...((dynamic?.[name] ?? []) as T[]),
  ];
  for (const provider of listed<Provider>('providers')) {
    if (typeof provider === 'function' && Reflect.hasMetadata('graphql:resolver_type', provider))
      yield provider as Type;
  }
  for (const next of listed<Imported>('imports')) yield* resolversOf(next, seen);
}
