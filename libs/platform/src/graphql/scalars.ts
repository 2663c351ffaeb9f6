import { Field, ObjectType, Scalar } from '@nestjs/graphql';
import { Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { type Currency, DomainError, formatMoney, type Money } from '#libs/kernel';

const INTEGER = /^-?\d{1,38}$/;

function parseInteger(value: unknown): bigint {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text === 'string' && INTEGER.test(text)) return BigInt(text);
  throw new DomainError('BAD_INTEGER', 'A BigInt is a whole number, written as a string.');
}

@Scalar('BigInt')
export class BigIntScalar {
  description = 'A whole number beyond 32 bits, as a string.';
  parseValue = parseInteger;
  serialize = (value: unknown) => String(value);
  parseLiteral = (node: ValueNode) => {
    if (node.kind === Kind.INT || node.kind === Kind.STRING) return parseInteger(node.value);
    throw new DomainError('BAD_INTEGER', 'A BigInt is a whole number, written as a string.');
  };
}

/** Marks a field as BigInt: `@Field(() => BigIntScalar)`. */
@ObjectType('Money', { description: 'An exact amount.' })
export class MoneyType {
  @Field({ description: 'ISO 4217.' }) currency!: string;
  @Field(() => BigIntScalar, { description: 'Billionths of the currency unit (nano-dollars).' }) nanos!: bigint;
  @Field({ description: 'For people, such as "0.0123 USD".' }) display!: string;

  /** Rate cards are in USD, contracts in a currency of their own. */
  static of(nanos: bigint, currency: Currency = 'USD'): MoneyType {
    const money: Money = { nanos, currency };
    return { ...money, display: formatMoney(money) };
  }
}

/** For what has a shape of its own, told by its field's description: `@Field(() => JsonScalar)`. */
@Scalar('JSON')
export class JsonScalar {
  description = 'Any JSON value; the field that has it says its shape.';
  parseValue = (value: unknown) => value;
  serialize = (value: unknown) => value;
  parseLiteral = (node: ValueNode, variables?: Record<string, unknown> | null) => valueFromASTUntyped(node, variables);
}
