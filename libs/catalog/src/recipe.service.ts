import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CATALOG_ERRORS } from './catalog.errors.js';
import { FamilyService } from './family.service.js';
import { RECIPE_SCHEMAS, type Recipe, type RecipeMethod } from './recipe.js';
import { ofSeenFamilies } from './visibility.js';

interface RecipeRow {
  id: string;
  family_id: string;
  method: RecipeMethod;
  version: number;
  hyperparameters: Recipe['hyperparameters'];
  notes: string;
  created_at: Date;
}

/** Recommended recipes: the newest version of a method holds; older ones stay, since jobs were resolved from them. */
@Injectable()
export class RecipeService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly families: FamilyService,
  ) {}

  async publish(
    tx: Transaction,
    input: { familyId: string; method: RecipeMethod; hyperparameters: unknown; notes: string },
  ): Promise<string> {
    const family = await this.families.getOwn(tx, input.familyId);
    const hyperparameters = RECIPE_SCHEMAS[input.method].safeParse(input.hyperparameters);
    if (!hyperparameters.success) {
      const { path, message } = hyperparameters.error.issues[0]!;
      const problem = path.length > 0 ? `${path.join('.')}: ${message}` : message;
      throw CATALOG_ERRORS.RECIPE_INVALID({ problem }, { path: ['hyperparameters', ...path.map(String)] });
    }
    if (hyperparameters.data.rank > family.maxLoraRank) {
      const { rank } = hyperparameters.data;
      const path = ['hyperparameters', 'rank'];
      throw CATALOG_ERRORS.RANK_NOT_SERVABLE({ rank, maximum: family.maxLoraRank }, { path });
    }
    // Of two who publish at once, one waits for the other's version.
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`recipe ${family.id} ${input.method}`]);
    const [row] = await tx.query<{ id: string }>(
      `INSERT INTO recipes (id, organization_id, family_id, method, version, hyperparameters, notes, created_by, created_at)
       SELECT $1, $2, $3, $4, 1 + coalesce(max(version), 0), $5, $6, $7, $8 FROM recipes
       WHERE family_id = $3 AND organization_id = :organization AND method = $4
       RETURNING id`,
      [
        newId('recipe'),
        tx.scope.organizationId,
        family.id,
        input.method,
        JSON.stringify(hyperparameters.data),
        input.notes,
        tx.scope.actor.id,
        this.clock.now(),
      ],
    );
    return row!.id;
  }

  /** What `auto` stands for on this family. */
  async resolve<Method extends RecipeMethod>(
    tx: Transaction,
    familyId: string,
    method: Method,
  ): Promise<Recipe<Method>> {
    const [recipes] = await this.recommended(tx, [familyId]);
    const recipe = recipes?.find((candidate) => candidate.method === method);
    if (!recipe) throw CATALOG_ERRORS.RECIPE_NOT_FOUND({ method, family: familyId });
    return recipe as Recipe<Method>;
  }

  /** For each of several families, the newest recipe of each method. */
  async recommended(tx: Transaction, familyIds: readonly string[]): Promise<Recipe[][]> {
    const rows = await tx.query<RecipeRow>(
      `SELECT DISTINCT ON (family_id, method) * FROM recipes r WHERE family_id = ANY($1) AND ${ofSeenFamilies('r')}
       ORDER BY family_id, method, version DESC`,
      [[...familyIds]],
    );
    const byFamily = Map.groupBy(rows, (row) => row.family_id);
    return familyIds.map((id) => (byFamily.get(id) ?? []).map(toRecipe));
  }

  async find(tx: Transaction, ids: readonly string[]): Promise<Recipe[]> {
    const rows = await tx.query<RecipeRow>(`SELECT * FROM recipes r WHERE id = ANY($1) AND ${ofSeenFamilies('r')}`, [
      [...ids],
    ]);
    return rows.map(toRecipe);
  }
}

function toRecipe(row: RecipeRow): Recipe {
  return {
    id: row.id,
    familyId: row.family_id,
    method: row.method,
    version: row.version,
    hyperparameters: row.hyperparameters,
    notes: row.notes,
    createdAt: row.created_at,
  };
}
