import * as diagnostics from '../diagnostics.js';
import { type Attributes, defineLayer, type InferContext, type Inference, type LayerRecord } from '../layer.js';
import type { Problem } from '../problem.js';
import type { Shape } from '../shape.js';

/** Layers that make one volume of several. */

type MergeContext = Pick<InferContext<Attributes>, 'inputs' | 'inputNames'>;

/** What the first input that disagrees with input `reference` disagrees about; inputs that `passes` lets go are not compared. */
function differences(
  merge: string,
  { inputs, inputNames }: MergeContext,
  axes: readonly (keyof Shape)[],
  reference = 0,
  passes: (shape: Shape) => boolean = () => false,
): Problem | undefined {
  const first = inputs[reference];
  if (!first) return undefined;
  const named = (at: number, shape: Shape) => ({ at, name: inputNames[at] ?? '', shape });
  for (const [at, shape] of inputs.entries()) {
    if (passes(shape)) continue;
    const differing = axes.filter((axis) => shape[axis] !== first[axis]);
    if (differing.length > 0)
      return diagnostics.shapesDiffer(merge, named(reference, first), named(at, shape), differing);
  }
  return undefined;
}

/** The size of the inputs, which must be one. */
function inferSame(merge: string, context: MergeContext): Inference {
  const problem = differences(merge, context, ['height', 'width', 'channels']);
  return problem ? { output: null, problems: [problem] } : { output: context.inputs[0] ?? null };
}

const elementwise = (
  record: Pick<LayerRecord<Record<never, never>>, 'title' | 'summary' | 'doc' | 'example'>,
  infer: (context: MergeContext) => Inference,
) => defineLayer({ ...record, category: 'merge', arity: 'many', attributes: {}, infer });

const add = elementwise(
  {
    title: 'Addition',
    summary: 'Adds volumes of equal size, number by number.',
    doc: 'The heart of a residual block: what a branch learns is added to what came in (He et al. 2016).',
    example: 'add from a, previous',
  },
  (context) => inferSame('add', context),
);

const max = elementwise(
  {
    title: 'Maximum',
    summary: 'Keeps the largest of the numbers at each place of volumes of equal size.',
    doc: 'A maxout over branches (Goodfellow et al. 2013).',
    example: 'max from a, previous',
  },
  (context) => inferSame('max', context),
);

const isVector = ({ height, width }: Shape): boolean => height === 1 && width === 1;

const multiply = elementwise(
  {
    title: 'Multiplication',
    summary: 'Multiplies volumes number by number; a 1×1×C one multiplies every pixel.',
    doc: 'With a branch that ends in 1×1×C it weighs the channels: squeeze and excitation (Hu et al. 2018).',
    example: 'multiply from weights, previous',
  },
  (context) => {
    const volume = context.inputs.find((input) => !isVector(input));
    if (!volume) return inferSame('multiply', context);
    // Volumes are compared with the first one, vectors in their channels alone.
    const at = context.inputs.indexOf(volume);
    const problem =
      differences('multiply', context, ['height', 'width', 'channels'], at, isVector) ??
      differences('multiply', context, ['channels'], at);
    return problem ? { output: null, problems: [problem] } : { output: volume };
  },
);

const concat = defineLayer({
  title: 'Concatenation',
  category: 'merge',
  summary: 'Stacks the channels of volumes of equal height and width, in the order given.',
  doc: 'What Inception modules, DenseNet and U-Net merge with: nothing is lost, the next layer chooses.',
  example: 'concat from a, previous',
  attributes: {},
  arity: 'many',
  infer: (context) => {
    const problem = differences('concat', context, ['height', 'width']);
    const [first] = context.inputs;
    if (problem || !first) return { output: null, problems: problem ? [problem] : [] };
    return { output: { ...first, channels: context.inputs.reduce((sum, { channels }) => sum + channels, 0) } };
  },
  explain: ({ inputs }, { output }) =>
    output ? { output: [`${inputs.map(({ channels }) => channels).join(' + ')} = ${output.channels} channels`] } : {},
});

export const merges = { add, concat, multiply, max };
