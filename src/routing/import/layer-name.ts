import { ProblemError } from '../../domain/problem.ts';

const LAYER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** They name something else where a layer could stand. */
const RESERVED = ['import', 'imports', 'layers'];

/** The name of a stored layer; throws `invalid`. */
export function requireLayerName(layer: string): string {
  if (LAYER_NAME.test(layer) && !RESERVED.includes(layer)) return layer;
  throw new ProblemError('invalid', 'the layer name is not allowed', {
    fields: [
      {
        path: 'layer',
        message: `expected 1 to 64 letters, digits, dots, dashes or underscores, and none of ${RESERVED.join(', ')}`,
      },
    ],
  });
}
