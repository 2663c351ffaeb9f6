export const STAGES = ['pretraining', 'midtraining', 'sft', 'rl'] as const;
export type Stage = (typeof STAGES)[number];

export interface ModelFamily {
  id: string;
  organizationId: string;
  name: string;
  displayName: string;
  description: string;
  license: string;
  maxLoraRank: number;
  createdAt: Date;
}

/** One stage of a family's training: what its checkpoints come from. */
export interface TrainingRun {
  id: string;
  organizationId: string;
  familyId: string;
  name: string;
  stage: Stage;
  description: string;
  hyperparameters: Record<string, unknown>;
  createdAt: Date;
}

export interface ModelFamilyRow {
  id: string;
  organization_id: string;
  name: string;
  display_name: string;
  description: string;
  license: string;
  max_lora_rank: number;
  created_at: Date;
}

export interface TrainingRunRow {
  id: string;
  organization_id: string;
  family_id: string;
  name: string;
  stage: Stage;
  description: string;
  hyperparameters: Record<string, unknown>;
  created_at: Date;
}

export function toFamily(row: ModelFamilyRow): ModelFamily {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    displayName: row.display_name,
    description: row.description,
    license: row.license,
    maxLoraRank: row.max_lora_rank,
    createdAt: row.created_at,
  };
}

export function toRun(row: TrainingRunRow): TrainingRun {
  return {
    id: row.id,
    organizationId: row.organization_id,
    familyId: row.family_id,
    name: row.name,
    stage: row.stage,
    description: row.description,
    hyperparameters: row.hyperparameters,
    createdAt: row.created_at,
  };
}
