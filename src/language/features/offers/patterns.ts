import { CompletionItemKind } from 'vscode-languageserver-types';
import { situationsAt } from '../support/trial.js';
import type { Offer, Request } from './offer.js';

/** Where a pattern is to stand. */
interface Surroundings {
  /** How many channels come in; a usual number where that is not known. */
  readonly channels: number;
  /** Whether sizes are rounded, as a framework does, so that a window need not fit. */
  readonly rounds: boolean;
  /** A name that no layer has. */
  readonly name: string;
}

interface Pattern {
  readonly description: string;
  /** The lines. `<1:64>` is the first place to fill in, `<1>` the same again, `<0>` where the cursor ends. */
  text(surroundings: Surroundings): string;
}

/** Several lines that are often written together; each fits where it is put, as it is. */
const patterns: Readonly<Record<string, Pattern>> = {
  stage: {
    description: 'A conv that keeps the size, relu, and a pool that halves it',
    text: () => `
conv <1:32> 3x3 pad 1; relu
maxpool 2x2 stride 2
<0>`,
  },
  vgg: {
    description: 'Two 3×3 convs, and a pool that halves the size',
    text: () => `
conv <1:64> 3x3 pad 1; relu
conv <1> 3x3 pad 1; relu
maxpool 2x2 stride 2
<0>`,
  },
  convbn: {
    description: 'A conv without bias, batchnorm, relu',
    text: () => `
conv <1:64> <2:3x3> pad <3:1> bias false; batchnorm; relu
<0>`,
  },
  stem: {
    description: 'A 7×7 conv and a pool, each halving the size',
    text: ({ rounds }) => `
conv <1:64> 7x7 stride 2 pad ${rounds ? '3' : 'fit'} bias false; batchnorm; relu
maxpool 3x3 stride 2 pad ${rounds ? '1' : 'fit'}
<0>`,
  },
  residual: {
    description: 'Two 3×3 convs, added to their own input',
    text: ({ channels }) => `
add {
  branch {
    conv <1:${channels}> 3x3 pad 1 bias false; batchnorm; relu
    conv <1> 3x3 pad 1 bias false; batchnorm
  }
  branch {}
}
relu
<0>`,
  },
  bottleneck: {
    description: '1×1 down, 3×3, 1×1 up, added to their own input',
    text: ({ channels }) => `
add {
  branch {
    conv <1:${Math.max(1, Math.floor(channels / 4))}> 1x1 bias false; batchnorm; relu
    conv <1> 3x3 pad 1 bias false; batchnorm; relu
    conv <2:${channels}> 1x1 bias false; batchnorm
  }
  branch {}
}
relu
<0>`,
  },
  separable: {
    description: 'A depthwise 3×3 conv, then a 1×1 conv',
    text: ({ channels }) => `
depthwise 3x3 pad 1 bias false; batchnorm; relu
conv <1:${2 * channels}> 1x1 bias false; batchnorm; relu
<0>`,
  },
  inception: {
    description: '1×1, 3×3 and 5×5 convs and a pool, side by side',
    text: () => `
concat {
  branch { conv <1:64> 1x1; relu }
  branch { conv <2:96> 1x1; relu; conv <3:128> 3x3 pad 1; relu }
  branch { conv <4:16> 1x1; relu; conv <5:32> 5x5 pad 2; relu }
  branch { maxpool 3x3 stride 1 pad 1; conv <6:32> 1x1; relu }
}
<0>`,
  },
  unet: {
    description: 'Down, what you write in the middle, and up, with a way across',
    text: ({ channels, name }) => `
conv <1:${2 * channels}> 3x3 pad same; relu
conv <1> 3x3 pad same
<2:${name}>: relu
maxpool 2x2 stride 2
<0>
convtranspose <1> 2x2 stride 2
concat from <2>, previous
conv <1> 3x3 pad same; relu`,
  },
  head: {
    description: 'The average of each map, and class probabilities',
    text: () => `
globalavgpool
fc <1:10>
softmax`,
  },
  mlphead: {
    description: 'A hidden layer with dropout, and class probabilities',
    text: () => `
fc <1:128>; relu
dropout <2:0.5>
fc <3:10>
softmax`,
  },
};

/** The same outside of everything: whole declarations. */
const declarations: Readonly<Record<string, Pattern>> = {
  'block residual': {
    description: 'A block of two 3×3 convs, added to their input; a stride changes both',
    text: () => `
block <1:BasicBlock>(filters, stride = 1) {
  add {
    branch {
      conv filters 3x3 stride stride pad 1 bias false; batchnorm; relu
      conv filters 3x3 pad 1 bias false; batchnorm
    }
    branch {
      if stride != 1 { conv filters 1x1 stride stride bias false; batchnorm }
    }
  }
  relu
}

<0>`,
  },
  'network classifier': {
    description: 'A small network, from the picture to class probabilities',
    text: () => `
network <1:Name> {
  input <2:32x32x3>
  conv <3:8> <4:5x5>; relu
  maxpool 2x2 stride 2
  <0>
  fc <5:10>
  softmax
}`,
  },
};

const USUAL_CHANNELS = 64;

/** The patterns that can stand at the cursor, tied to what comes in there. */
export function patternsAt({ analysis, cursor, offset }: Request): readonly Offer[] {
  const [situation] = situationsAt(analysis, cursor.start, offset);
  const taken = new Set([...analysis.model.labels.values()].flatMap((names) => [...names.keys()]));
  let count = 1;
  while (taken.has(`skip${count}`)) count++;
  const channels = situation?.input.channels ?? USUAL_CHANNELS;
  return offersOf(patterns, { channels, rounds: situation?.framework !== undefined, name: `skip${count}` });
}

export const declarationPatterns = (): readonly Offer[] =>
  offersOf(declarations, { channels: USUAL_CHANNELS, rounds: false, name: '' });

const offersOf = (all: typeof patterns, surroundings: Surroundings): readonly Offer[] =>
  Object.entries(all).map(([label, { description, text }]) => {
    const lines = text(surroundings).trim();
    const insert = lines
      .replaceAll(/<(\d):(.*?)>/g, (_, stop, filled) => `\${${stop}:${filled}}`)
      .replaceAll(/<(\d)>/g, (_, stop) => `$${stop}`)
      .replaceAll('  ', '\t');
    const filled = new Map([...lines.matchAll(/<(\d):(.*?)>/g)].map(([, stop, value]) => [stop, value]));
    const shown = lines.replaceAll(/<(\d)(?::.*?)?>/g, (_, stop) => filled.get(stop) ?? '…');
    const doc = `\`\`\`convnet\n${shown}\n\`\`\``;
    return { label, kind: CompletionItemKind.Snippet, group: 3, insert, description, doc };
  });
