import { Field, ObjectType } from '@nestjs/graphql';
import { JsonScalar } from './scalars.js';

@ObjectType('PresignedRequest', { description: 'A request to the object store that needs no other credentials.' })
export class PresignedRequestType {
  @Field(() => String, { description: 'GET or PUT.' }) method!: 'GET' | 'PUT';
  @Field({ description: 'Where to. It holds for 15 minutes.' }) url!: string;
  @Field(() => JsonScalar, { description: 'Send exactly these headers: they are signed.' })
  headers!: Record<string, string>;
}
