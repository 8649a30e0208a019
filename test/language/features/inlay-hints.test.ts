import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configure, lsp, open } from './driver.js';

/** The text as the editor shows it, each hint in ‹ ›. */
async function hinted(marked: string, others: Record<string, string> = {}): Promise<string> {
  const { document, textDocument, range } = await open(marked, others);
  const text = document.textDocument.getText();
  const whole = { start: document.textDocument.positionAt(0), end: document.textDocument.positionAt(text.length) };
  const asked = marked.includes('<|') ? range : whole;
  const hints = (await lsp.InlayHintProvider?.getInlayHints(document, { textDocument, range: asked })) ?? [];
  let shown = '';
  let from = 0;
  for (const { position, label } of hints) {
    const offset = document.textDocument.offsetAt(position);
    shown += `${text.slice(from, offset)}‹${label}›`;
    from = offset;
  }
  return shown + text.slice(from);
}

describe('inlay hints', () => {
  // How they are put in a column has tests of its own.
  beforeEach(() => configure('inlayHints', { aligned: false }));
  afterEach(() => configure('inlayHints', {}));

  it('show the output size at the end of a line, once, before a comment', async () => {
    expect(await hinted('network N {\n input 32x32x3\n conv 6 5x5 // six\n fc 120; relu\n}')).toBe(
      'network N {\n input 32x32x3\n conv 6 5x5 ‹28×28×6›// six\n fc 120; relu‹1×1×120›\n}',
    );
  });

  it('show the sizes of every use of a block, and of its calls', async () => {
    expect(
      await hinted(`block B(k) {
  maxpool 2x2
  conv k 1x1
}
network N {
  input 64x64x3
  B(8)
  repeat 2 { B(16) }
}`),
    ).toBe(`block B(k) {
  maxpool 2x2‹32×32×3 … 8×8×16›
  conv k 1x1‹32×32×8 … 8×8×16›
}
network N {
  input 64x64x3
  B(8)‹32×32×8›
  repeat 2 { B(16) }‹16×16×16, 8×8×16›
}`);
  });

  it('are silent where the size is written or not known', async () => {
    expect(await hinted('network N {\n input 8x8x3\n conv 2 3x3 expect 6x6x2\n conv 2\n relu\n}')).not.toContain('‹');
    expect(await hinted('network N {\n input 8x8x3\n conv 2 3x3 expect params 56\n}')).toContain(
      'expect params 56‹6×6×2›',
    );
  });

  it('show the sizes of a block in the networks of other files', async () => {
    const others = { 'net.convnet': 'import B from "./main.convnet"\nnetwork N {\n input 8x8x3\n B(4)\n}' };
    expect(await hinted('block B(k) {\n conv k 3x3\n}', others)).toBe('block B(k) {\n conv k 3x3‹6×6×4›\n}');
  });

  it('are made for the lines that are shown', async () => {
    expect(await hinted('network N {\n input 8x8x3\n<| relu|>\n tanh\n}')).toBe(
      'network N {\n input 8x8x3\n relu‹8×8×3›\n tanh\n}',
    );
  });

  it('can be switched off', async () => {
    configure('inlayHints', { sizes: false });
    expect(await hinted('network N {\n input 8x8x3\n relu\n}')).not.toContain('‹');
  });

  it('go on around a line that is being written', async () => {
    expect(await hinted('network N {\n input 8x8x3\n relu\n conv 4 3x3 pad (\n tanh\n}')).toContain('relu‹8×8×3›');
  });

  it('name the arguments of a call where there are several', async () => {
    configure('inlayHints', { sizes: false });
    const text = 'block B(k, stride = 1) {\n conv k 1x1 stride stride\n}\nnetwork N {\n input 8x8x3\n';
    expect(await hinted(`${text} B(4, 2); B(4); B(4, stride = 2)\n}`)).toBe(
      `${text} B(‹k:›4, ‹stride:›2); B(4); B(4, stride = 2)\n}`,
    );
    configure('inlayHints', { sizes: false, argumentNames: false });
    expect(await hinted(`${text} B(4, 2)\n}`)).not.toContain('‹');
  });

  it('leave out the name of an argument that is called the same', async () => {
    configure('inlayHints', { sizes: false });
    const text = 'const k = 4\nblock B(k, s) {\n conv k 1x1 stride s\n}\nnetwork N {\n input 8x8x3\n';
    expect(await hinted(`${text} B(k, 1)\n}`)).toBe(`${text} B(k, ‹s:›1)\n}`);
  });

  it('show what an expression comes to, in a block for every use', async () => {
    configure('inlayHints', { sizes: false });
    expect(
      await hinted(`const wide = 2 * 8
block B(k) {
  conv (4 * k) 1x1 stride wide
}
network N {
  input 8x8x3
  repeat i in 1..3 { B(wide * i) }
  fc wide
}`),
    ).toBe(`const wide = 2 * 8‹= 16›
block B(k) {
  conv (4 * k)‹= 64 … 192› 1x1 stride wide
}
network N {
  input 8x8x3
  repeat i in 1..3 { B(wide * i‹= 16 … 48›) }
  fc wide
}`);
    configure('inlayHints', { sizes: false, expressions: false });
    expect(await hinted('const wide = 2 * 8\nnetwork N {\n input 8x8x3\n fc wide\n}')).not.toContain('‹');
  });
});

describe('sizes in a column', () => {
  it('begin where the longest of the lines ends, in each block and network', async () => {
    expect(await hinted('network N {\n input 8x8x3\n conv 4 3x3\n relu\n}\nnetwork M {\n input 8x8x3\n relu\n}')).toBe(
      'network N {\n input 8x8x3\n conv 4 3x3‹6×6×4›\n relu‹      6×6×4›\n}\nnetwork M {\n input 8x8x3\n relu‹8×8×3›\n}',
    );
  });

  it('reckon with the hints within a line', async () => {
    // `k:` and `s:` take 5 columns, with what stands beside them.
    expect(
      await hinted('block B(k, s) {\n conv k 1x1 stride s\n}\nnetwork N {\n input 8x8x3\n B(4, 1)\n relu\n}'),
    ).toContain(' B(‹k:›4, ‹s:›1)‹8×8×4›\n relu‹        8×8×4›\n}');
  });

  it('leave comments in their column', async () => {
    const text = `network N {
  input 32x32x3
  conv 6 5x5   // six
  relu
  maxpool 2x2  // smaller
  fc 10 /* scores */
}`;
    expect(await hinted(text)).toBe(`network N {
  input 32x32x3
  conv 6 5x5   ‹28×28×6›// six
  relu‹28×28×6›
  maxpool 2x2  ‹14×14×6›// smaller
  fc 10 ‹1×1×10›/* scores */
}`);
    expect(await hinted(text.replace('2x2 ', '14x14').replace('conv 6', 'conv 60'))).toContain(`
  conv 60 5x5   ‹28×28×60›// six
  relu‹28×28×60›
  maxpool 14x14 ‹2×2×60  ›// smaller`);
  });

  it('are parted by a line whose size stands before a comment', async () => {
    expect(await hinted('network N {\n input 8x8x3\n conv 4 3x3\n fc 10 // scores\n relu\n}')).toContain(
      ' conv 4 3x3‹6×6×4›\n fc 10 ‹1×1×10›// scores\n relu‹1×1×10›\n}',
    );
  });

  it('are parted by an empty line, and by one line that is much longer', async () => {
    const shown = await hinted(
      'network N {\n input 8x8x3\n conv 4 3x3\n\n relu\n tanh\n conv 4 3x3 pad 1 bias false\n leakyrelu 0.1\n elu\n}',
    );
    expect(shown).toContain('conv 4 3x3‹6×6×4›\n\n relu‹6×6×4›\n tanh‹6×6×4›\n');
    expect(shown).toContain('bias false‹6×6×4›\n leakyrelu 0.1‹6×6×4›\n elu‹          6×6×4›');
  });
});
