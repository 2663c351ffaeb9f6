import { z } from 'zod';
import { SftLora } from '#libs/messages';

/** Methods that a recipe can be recommended for, and what each has to say. What a job alone decides is left out. */
export const RECIPE_SCHEMAS = {
  supervised: SftLora.omit({
    type: true,
    seed: true,
    max_steps: true,
    logging_steps: true,
    checkpoint_every_steps: true,
  }).extend({
    tokens_per_second: z
      .number()
      .positive()
      .optional()
      .meta({ description: 'Measured by the lab: quotes estimate from it until jobs have run' }),
  }),
} as const;

export type RecipeMethod = keyof typeof RECIPE_SCHEMAS;
export const RECIPE_METHODS = Object.keys(RECIPE_SCHEMAS) as RecipeMethod[];

export type SupervisedRecipe = z.infer<(typeof RECIPE_SCHEMAS)['supervised']>;

/** What the lab recommends for a method on a family: what `auto` stands for, and what multipliers multiply. */
export interface Recipe<Method extends RecipeMethod = RecipeMethod> {
  id: string;
  familyId: string;
  method: Method;
  version: number;
  hyperparameters: z.infer<(typeof RECIPE_SCHEMAS)[Method]>;
  notes: string;
  createdAt: Date;
}
