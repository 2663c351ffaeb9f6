import type { VariablesOf } from '../../api';
import type { CreateEvaluationSuite } from './documents';

export type SuiteRowInput = NonNullable<VariablesOf<typeof CreateEvaluationSuite>['input']['rows']>[number];
