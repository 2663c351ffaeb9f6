import { ModelScreen } from './model-screen';
import { ModelsScreen } from './models-screen';
import { modelRoute } from './route';

/** An address of this shape without a name is one too. */
export function ModelsOrModel() {
  const { _splat: name } = modelRoute.useParams();
  return name ? <ModelScreen key={name} name={name} /> : <ModelsScreen />;
}
