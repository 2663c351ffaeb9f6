import { Field, ObjectType } from '@nestjs/graphql';
import { type Removal, removedBy } from '../retention/retention.js';

@ObjectType('ContentEnd', { description: 'When content is deleted, or was, and by what.' })
export class ContentEndType {
  @Field({ description: 'When.' }) at!: Date;
  @Field({
    description:
      'By what, for people: the clause, with its version and contract, the expiry of a file, or the owner who deleted it.',
  })
  reason!: string;

  /** Of what is gone. */
  static of(removal: Removal | null): ContentEndType | null {
    return removal && { at: new Date(removal.at), reason: removedBy(removal) };
  }
}
