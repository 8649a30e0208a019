/** ResNet-152 in blocks: 517 layers of 35 lines. */
export const resNet152 = `block Bottleneck(filters, stride = 1) {
  add {
    branch {
      conv filters 1x1 bias false; batchnorm; relu
      conv filters 3x3 stride stride pad 1 bias false; batchnorm; relu
      conv (4 * filters) 1x1 bias false; batchnorm
    }
    branch { }
  }
  relu
}
block Projection(filters, stride = 1) {
  add {
    branch {
      conv filters 1x1 bias false; batchnorm; relu
      conv filters 3x3 stride stride pad 1 bias false; batchnorm; relu
      conv (4 * filters) 1x1 bias false; batchnorm
    }
    branch { conv (4 * filters) 1x1 stride stride bias false; batchnorm }
  }
  relu
}
network ResNet152 like pytorch {
  input 224x224x3
  conv 64 7x7 stride 2 pad 3 bias false; batchnorm; relu
  maxpool 3x3 stride 2 pad 1
  Projection(64);              repeat 2 { Bottleneck(64) }
  Projection(128, stride = 2); repeat 7 { Bottleneck(128) }
  Projection(256, stride = 2); repeat 35 { Bottleneck(256) }
  Projection(512, stride = 2); repeat 2 { Bottleneck(512) }
  globalavgpool
  fc 1000
}
`;

/** One layer a line, with line ends only between statements: so Langium's own lexer can read it too. */
export function flatNetwork(layers: number): string {
  const cycle = ['conv 8 3x3 stride 1 pad 1', 'relu', 'conv 8 1x1', 'leakyrelu 0.1', 'batchnorm momentum 0.2'];
  const lines = Array.from({ length: layers - 1 }, (_, i) =>
    i % 10 === 0 ? `layer${i}: conv 8 3x3 pad same` : (cycle[i % cycle.length] ?? ''),
  );
  return `network Flat { input 32x32x8\n${lines.join('\n')} }`;
}
