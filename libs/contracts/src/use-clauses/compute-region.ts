import { type DynamicModule, Module } from '@nestjs/common';

/** Where this platform computes and keeps data, as contracts name regions; null where its operator does not say. */
export const COMPUTE_REGION = Symbol('ComputeRegion');

@Module({})
export class ComputeRegionModule {
  static forRoot(region: string | undefined): DynamicModule {
    return {
      module: ComputeRegionModule,
      global: true,
      providers: [{ provide: COMPUTE_REGION, useValue: region ?? null }],
      exports: [COMPUTE_REGION],
    };
  }
}
