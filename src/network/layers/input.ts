import * as diagnostics from '../diagnostics.js';
import { absent, defineLayer, optional, required } from '../layer.js';
import { number, numberPerChannel, shape, string } from '../values.js';

const input = defineLayer({
  title: 'Input',
  category: 'input',
  summary: 'The picture the network looks at: height × width × channels.',
  doc:
    'A pixel between 0 and 1 enters as (pixel · scale − mean)/std. `sample` names the picture shown in the preview: a file ' +
    'beside this one, or one that ships with the extension.',
  example: 'input 32x32x3',
  attributes: {
    size: required(shape, 'Height × width × channels.'),
    sample: absent(string, 'The picture that the preview runs on.'),
    mean: optional(numberPerChannel, [0], 'Subtracted, per channel.'),
    std: optional(numberPerChannel, [1], 'Divides, per channel.'),
    scale: optional(number('a number'), 1, 'Multiplies the pixels first; 255 for means given in grey levels.'),
  },
  arity: 'none',
  infer({ attributes: { size, mean, std } }) {
    const problems = [];
    for (const [name, values] of Object.entries({ mean, std }))
      if (values.length !== 1 && values.length !== size.channels)
        problems.push(diagnostics.perChannelCount(name, values.length, size.channels));
    return { output: size, problems };
  },
});

export const inputs = { input };
