import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';

/** Makes inputs instances of their classes, so that MutationRunner can validate them and answer with typed user errors. */
@Injectable()
export class InputPipe implements PipeTransform {
  transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
    const plain = value !== null && typeof value === 'object' && !Array.isArray(value);
    if (type !== 'body' || !plain || !metatype || metatype === Object) return value;
    return plainToInstance(metatype, value);
  }
}
