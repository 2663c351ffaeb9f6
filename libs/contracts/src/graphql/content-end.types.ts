import { Field, ObjectType } from '@nestjs/graphql';
import { clauseText, type Removal } from '../retention/retention.js';

@ObjectType('ContentEnd', { description: 'When content is deleted, or was, and by what.' })
export class ContentEndType {
  @Field({ description: 'When.' }) at!: Date;
  @Field({ description: 'By what, for people: the clause, with its version and contract, or the expiry of a file.' })
  reason!: string;

  /** Of what is gone by a clause. */
  static of(removal: Removal | null): ContentEndType | null {
    return removal && { at: new Date(removal.at), reason: clauseText(removal) };
  }
}
