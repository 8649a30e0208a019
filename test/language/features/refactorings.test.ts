import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { CodeAction } from 'vscode-languageserver-types';
import { check } from '../check.js';
import { networkTexts } from '../generate.js';
import { lsp, open } from './driver.js';

const context = { diagnostics: [], only: ['refactor'] };

/** The refactorings offered at the cursor or selection, each with the text it leaves. */
async function refactorings(marked: string): Promise<ReadonlyMap<string, string>> {
  const { document, textDocument, range } = await open(marked);
  const actions = ((await lsp.CodeActionProvider?.getCodeActions(document, { textDocument, range, context })) ??
    []) as CodeAction[];
  return new Map(
    actions.map(({ title, edit }) => {
      const edits = edit?.changes?.[textDocument.uri] ?? [];
      return [title, TextDocument.applyEdits(document.textDocument, edits)];
    }),
  );
}

async function refactored(marked: string, title: string): Promise<string> {
  const found = await refactorings(marked);
  expect([...found.keys()]).toContain(title);
  return found.get(title) ?? '';
}

/** Everything of the networks in a text but the names. */
async function networks(text: string): Promise<unknown> {
  return (await check(text)).networks.map(({ network, checked }) => ({
    layers: network.layers.map(({ kind, attributes, inputs }) => ({ kind, attributes, inputs })),
    outputs: checked.facts.map(({ output }) => output),
    totals: checked.totals,
  }));
}

const sizes = async (text: string): Promise<unknown> =>
  (await check(text)).networks.map(({ checked }) => checked.facts.map(({ output }) => output));

describe('extract to block', () => {
  it('moves the selected lines', async () => {
    const text = `// A small one
network N {
  input 32x32x3
<|  conv 6 5x5  // six
  relu|>
  fc 10
}
`;
    expect(await refactored(text, 'Extract to block Stage1')).toBe(`block Stage1 {
  conv 6 5x5  // six
  relu
}

// A small one
network N {
  input 32x32x3
  Stage1
  fc 10
}
`);
  });

  it('makes what the lines use parameters, and keeps what is named and read', async () => {
    const text = `block B(k) {
  a: relu
  repeat i in 1..2 {
    <|conv (k * i) 1x1 from a
    last: tanh|>
    add from last, previous
  }
}
network N {
  input 8x8x3
  B(4)
}
`;
    const after = await refactored(text, 'Extract to block Stage1');
    expect(after).toBe(`block Stage1(k, i) {
  conv (k * i) 1x1
  tanh
}

block B(k) {
  a: relu
  repeat i in 1..2 {
    last: Stage1(k, i) from a
    add from last, previous
  }
}
network N {
  input 8x8x3
  B(4)
}
`);
  });

  it('works in a file of blocks, too', async () => {
    const text = 'block B(k) {\n  conv k 3x3 pad 1\n<|  relu\n  conv k 3x3 pad 1|>\n}\n';
    expect(await refactored(text, 'Extract to block Stage1')).toBe(
      'block Stage1(k) {\n  relu\n  conv k 3x3 pad 1\n}\n\nblock B(k) {\n  conv k 3x3 pad 1\n  Stage1(k)\n}\n',
    );
  });

  it('is not offered where it would change the network', async () => {
    const found = async (text: string) => [...(await refactorings(text)).keys()].filter((t) => t.startsWith('Extract'));
    expect(await found('network N {\n<| input 8x8x3\n relu|>\n}')).toEqual([]);
    expect(await found('network N {\n input 8x8x3\n<| a: relu\n tanh|>\n add from a, previous\n}')).toEqual([]);
    expect(await found('network N {\n input 8x8x3\n weights "w.safetensors"\n<| relu\n tanh|>\n}')).toEqual([]);
  });
});

describe('inline', () => {
  it('puts the arguments in the place of the parameters and decides conditions', async () => {
    const text = `block B(filters, stride = 1) {
  add {
    branch { conv filters 3x3 stride stride pad 1; batchnorm }
    branch { if stride != 1 { conv filters 1x1 stride stride } }
  }
  relu
}
network N {
  input 8x8x3
  conv 4 1x1
  B|(2 * 2)
}
`;
    expect(await refactored(text, 'Inline B')).toContain(`  conv 4 1x1
  add {
    branch { conv (2 * 2) 3x3 stride 1 pad 1; batchnorm }
    branch {}
  }
  relu
}
`);
  });

  it('keeps names apart', async () => {
    const text = `block B {
  a: relu
  tanh
  add from a, previous
}
network N {
  input 8x8x3
  a: relu
  b: B| from a expect 8x8x3
  add from a, b
}
`;
    expect(await refactored(text, 'Inline B')).toContain(`  a: relu
  a1: relu from a
  tanh
  b: add from a1, previous  expect 8x8x3
  add from a, b
`);
  });
});

describe('repeat', () => {
  const flat = `network N {
  input 32x32x3
  conv 8 3x3 pad 1
  relu
  conv 8 3x3 pad 1
  relu
  fc 10
}
`;

  it('folds lines that stand several times', async () => {
    expect(await refactored(flat.replace('  relu', '  re|lu'), 'Fold 2 repetitions into repeat')).toBe(`network N {
  input 32x32x3
  repeat 2 {
    conv 8 3x3 pad 1
    relu
  }
  fc 10
}
`);
  });

  it('unfolds them again', async () => {
    const folded = await refactored(flat.replace('  relu', '  re|lu'), 'Fold 2 repetitions into repeat');
    expect(await refactored(folded.replace('repeat', 're|peat'), 'Unfold this repeat')).toBe(flat);
  });

  it('unfolds numbers and names', async () => {
    const text = `network N {
  input 8x8x3
  re|peat i in 1..2 {
    a: conv (4 * i) 1x1
    concat from a, previous
  }
  relu from a
}
`;
    expect(await refactored(text, 'Unfold this repeat')).toContain(`  a1: conv (4 * 1) 1x1
  concat from a1, previous
  a: conv (4 * 2) 1x1
  concat from a, previous
  relu from a
`);
  });

  it('loses no comment', async () => {
    const found = await refactorings('network N {\n input 8x8x3\n |relu\n relu // here\n relu\n}');
    expect([...found.keys()].filter((title) => title.startsWith('Fold'))).toEqual([]);
  });
});

describe('name this layer', () => {
  it('gives it the name it goes by', async () => {
    const text = 'network N {\n  input 8x8x3\n  relu\n  re|lu\n  relu\n}\n';
    expect(await refactored(text, 'Name this layer relu2')).toBe(
      'network N {\n  input 8x8x3\n  relu\n  relu2: relu\n  relu\n}\n',
    );
  });
});

describe('a cursor before a line', () => {
  it('is on its first layer', async () => {
    expect([...(await refactorings('network N {\n  input 8x8x3\n|  relu\n  tanh\n}\n')).keys()]).toEqual([
      'Name this layer relu1',
    ]);
  });
});

describe('change the framework', () => {
  const text = `network |N like pytorch {
  input 224x224x3
  conv 64 7x7 stride 2 pad 3
  maxpool 3x3 stride 2 pad 1
  conv 64 3x3 pad same
  maxpool 2x2
  fc 10
}
`;

  it('writes the attributes that keep each size', async () => {
    expect(await refactored(text, 'Follow the rules of Caffe, keeping the sizes')).toBe(`network N like caffe {
  input 224x224x3
  conv 64 7x7 stride 2 pad 3
  maxpool 3x3 stride 2 pad 1 fit floor
  conv 64 3x3 pad 1
  maxpool 2x2 stride 2
  fc 10
}
`);
    expect(await refactored(text, 'Follow no framework, keeping the sizes')).toContain(
      '  conv 64 7x7 stride 2 pad 3 fit floor\n',
    );
  });

  it('keeps the sizes of a real network, there and back', async () => {
    const alexnet = readFileSync(new URL('../../../examples/alexnet-torchvision.convnet', import.meta.url), 'utf8');
    const header = /network \w+ like pytorch/.exec(alexnet)?.[0] ?? '';
    for (const [title, after] of await refactorings(alexnet.replace(header, header.replace('network ', 'network |')))) {
      expect(await sizes(after), title).toEqual(await sizes(alexnet));
    }
  });
});

/** What undoes a refactoring, and where it is asked for. */
const opposites: readonly {
  readonly of: RegExp;
  readonly title: string;
  mark(before: string, after: string): string;
}[] = [
  {
    of: /^Extract/,
    title: 'Inline Stage1',
    mark: (_, after) => after.replace(/(?<!block )Stage1/, 'Stage1|'),
  },
  { of: /^Fold/, title: 'Unfold this repeat', mark: markNewRepeat },
];

describe('every refactoring leaves the networks equal, and can be undone by its opposite', { timeout: 240_000 }, () => {
  const folder = new URL('../../../examples/', import.meta.url);
  const examples = readdirSync(folder)
    .filter((name) => name.endsWith('.convnet'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .filter((text) => !text.includes('import') && text.length < 6000);

  it.each([
    { of: 'the examples', texts: fc.constantFrom(...examples), runs: 60, least: { Extract: 10, Name: 3 } },
    {
      of: 'networks by chance',
      texts: networkTexts,
      runs: 150,
      least: { Extract: 40, Inline: 4, Fold: 4, Unfold: 4, Name: 10 },
    },
  ])('in $of', async ({ texts, runs, least }) => {
    const done: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(texts, fc.nat(), fc.constantFrom(0, 0, 1, 3, 6), async (text, at, count) => {
        const lines = text.split('\n');
        const first = at % lines.length;
        const selected = lines.slice(first, first + count + 1).join('\n');
        const marked = [...lines.slice(0, first), `<|${selected}|>`, ...lines.slice(first + count + 1)].join('\n');
        const before = await networks(text);
        for (const [title, after] of await refactorings(marked)) {
          const [kind = ''] = title.split(' ');
          done[kind] = (done[kind] ?? 0) + 1;
          if (kind === 'Follow') {
            expect(await sizes(after)).toEqual(await sizes(text));
            continue;
          }
          expect(await networks(after), `${title}\n${after}`).toEqual(before);
          const opposite = opposites.find(({ of }) => of.test(title));
          if (!opposite) continue;
          const undone = await refactored(opposite.mark(text, after), opposite.title);
          expect(await networks(undone), `${opposite.title}\n${undone}`).toEqual(before);
        }
      }),
      { numRuns: runs },
    );
    for (const [kind, number] of Object.entries(least))
      expect(done[kind], `${kind} of ${JSON.stringify(done)}`).toBeGreaterThanOrEqual(number);
  });
});

/** Puts the cursor at the repeat that a change has brought. */
function markNewRepeat(before: string, after: string): string {
  const old = before.split('\n');
  const lines = after.split('\n');
  const first = lines.findIndex((line, i) => line !== old[i]);
  return lines.with(first, lines[first]?.replace('repeat', 're|peat') ?? '').join('\n');
}
