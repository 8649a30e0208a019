import { l10n } from 'vscode';

export interface Template {
  readonly title: string;
  readonly description: string;
  /** In VS Code's syntax of snippets: the cursor begins at the name. */
  readonly snippet: string;
}

/** What *New Network* offers. */
export const templates = (): readonly Template[] => [
  {
    title: l10n.t('Classifier'),
    description: l10n.t('two stages of convolution and pooling, then fully connected layers'),
    snippet: `network \${1:Classifier} {
  input \${2:32x32x3}
  conv \${3:16} 3x3 pad 1; relu
  maxpool 2x2 stride 2
  conv \${4:32} 3x3 pad 1; relu
  maxpool 2x2 stride 2
  fc \${5:128}; relu
  fc \${6:10}
  softmax
}
$0`,
  },
  {
    title: l10n.t('Residual network'),
    description: l10n.t('a block whose input is added to its output, repeated'),
    snippet: `block Residual(filters) {
  add {
    branch {
      conv filters 3x3 pad 1 bias false; batchnorm; relu
      conv filters 3x3 pad 1 bias false; batchnorm
    }
    branch { }  // the input itself
  }
  relu
}

network \${1:Residual} {
  input \${2:32x32x3}
  conv \${3:16} 3x3 pad 1 bias false; batchnorm; relu
  repeat \${4:3} { Residual(\${3:16}) }
  globalavgpool
  fc \${5:10}
  softmax
}
$0`,
  },
  {
    title: l10n.t('Encoder and decoder'),
    description: l10n.t('down to a quarter and up again, with a way across: a class for every pixel'),
    snippet: `network \${1:Segmenter} {
  input \${2:128x128x3}
  conv 16 3x3 pad 1
  wide: relu
  maxpool 2x2 stride 2
  conv 32 3x3 pad 1; relu
  maxpool 2x2 stride 2
  conv 64 3x3 pad 1; relu
  convtranspose 32 2x2 stride 2; relu
  convtranspose 16 2x2 stride 2; relu
  concat from wide, previous
  conv \${3:2} 1x1
  sigmoid
}
$0`,
  },
  {
    title: l10n.t('Empty network'),
    description: l10n.t('an input, and the rest is yours'),
    snippet: `network \${1:Name} {
  input \${2:32x32x3}
  $0
}
`,
  },
];
