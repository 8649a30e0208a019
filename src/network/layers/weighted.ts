import { optional, type WeightSpec } from '../layer.js';
import { boolean, oneOf } from '../values.js';

/** What layers with learned weights share: how the weights start, and whether training changes them. */

const initDoc =
  'What the weights start as: `he` and `xavier` are random, with the spread of He et al. 2015 and of Glorot & Bengio 2010';

/** For filters that look at pictures. */
export const filterInitAttribute = optional(
  oneOf('he', 'xavier', 'zeros', 'gabor', 'gaussian', 'kmeans', 'sparse'),
  'he',
  `${initDoc}, \`gabor\` wave packets in all orientations, \`gaussian\` blurs, \`kmeans\` and \`sparse\` what is found in ` +
    'training pictures without their labels: centres of patches, which a relu makes the triangle activation of Coates & Ng 2011, of squared distances, ' +
    'or units that answer to few patches each, a layer of a sparse deep belief net (Lee et al. 2009); as `he` until training begins.',
);

export const initAttribute = optional(oneOf('he', 'xavier', 'zeros'), 'he', `${initDoc}.`);

export const frozenAttribute = {
  ...optional(boolean, false, 'Whether training leaves the weights as they are. `frozen` alone means true.'),
  flag: true,
};

type Init = 'he' | 'xavier' | 'zeros' | 'gabor' | 'gaussian' | 'kmeans' | 'sparse';

/** The filters or the matrix of a layer. */
export const weightOf = (shape: readonly number[], init: Init): WeightSpec => ({
  name: 'weight',
  shape,
  learned: true,
  initial: init === 'zeros' ? 0 : init,
});

/** A number per output that starts at 0. */
export const biasOf = (outputs: number): WeightSpec => ({ name: 'bias', shape: [outputs], learned: true, initial: 0 });
