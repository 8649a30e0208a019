import { describe, expect, it } from 'vitest';
import { lsp, open } from './driver.js';

async function hover(marked: string, others: Record<string, string> = {}): Promise<string> {
  const { document, textDocument, position } = await open(marked, others);
  const found = await lsp.HoverProvider?.getHoverContent(document, { textDocument, position });
  const contents = found?.contents;
  return typeof contents === 'object' && 'value' in contents ? contents.value : '';
}

describe('the hover', () => {
  it('works out the numbers of a layer and says which attributes are in force', async () => {
    const text = await hover('network N {\n input 32x32x3\n co|nv 6 5x5\n}');
    expect(text).toContain('**conv1** · Convolution');
    expect(text).toContain('32×32×3 → 28×28×6');
    expect(text).toContain('| Output | (32 − 5)/1 + 1 = 28 |');
    expect(text).toContain('5·5·3 + 1 = 76, × 6 filters = 456');
    expect(text).toContain('sees 5×5 pixels');
    // 28·28·6 numbers of 4 bytes.
    expect(text).toContain('18.4 KiB');
    expect(text).toMatch(/\[conv in the docs\]\(https:\/\/\S+#conv\)/);
    expect(text).toContain('`filters 6` `kernel 5x5`; by default `stride 1` `pad 0`');
  });

  it('says whose default it is', async () => {
    expect(await hover('network N like caffe {\n input 32x32x3\n max|pool 2x2\n}')).toContain('`stride 1` (Caffe)');
  });

  it('lists the uses of a layer in a block', async () => {
    const block = 'block B {\n re|lu\n maxpool 2x2\n}\nnetwork N {\n input 64x64x3\n repeat 5 { B }\n}';
    const text = await hover(block);
    expect(text).toContain('used 5 times');
    expect(text).toContain('| [1]/B1/relu1 | 64×64×3 → 64×64×3 |');
    expect(text).toContain('… and 2 more');
  });

  it('falls back on what the layer is', async () => {
    expect(await hover('block B {\n re|lu\n}')).toContain('**ReLU**');
    expect(await hover('network N {\n input 8x8x3\n con|v 4\n}')).toContain('**Convolution**');
  });

  it('tells of attributes, by name or position', async () => {
    expect(await hover('network N {\n input 8x8x3\n conv 4 3x3 st|ride 1\n}')).toContain('**stride**');
    expect(await hover('network N {\n input 8x8x3\n conv |4 3x3\n}')).toContain('**filters**');
    expect(await hover('network N {\n input 8x8x3\n conv 4 3x3 pad sa|me\n}')).toContain('**pad**');
  });

  it('tells what a block takes, gives and costs', async () => {
    const file =
      '// Halves the size.\nblock Half(k) {\n conv k 2x2 stride 2\n}\nnetwork N {\n input 8x8x3\n Ha|lf(4)\n Half(8)\n}';
    const text = await hover(file);
    expect(text).toContain('block Half(k)');
    expect(text).toContain('Halves the size.');
    expect(text).toContain('8×8×3 → 4×4×4');
    expect(await hover(file.replace('Ha|lf', 'Half').replace('block Half', 'block Ha|lf'))).toContain('used 2 times');
  });

  it('follows imports', async () => {
    const others = { 'blocks.convnet': 'const n = 2 * 5\nblock B(k) {\n conv k 1x1\n}' };
    const main = 'import B, n from "./blocks.convnet"\nnetwork N {\n input 8x8x3\n B(n)\n}';
    expect(await hover(main.replace(' B(n)', ' |B(n)'), others)).toContain('8×8×3 → 8×8×10');
    expect(await hover(main.replace('(n)', '(|n)'), others)).toContain('= `10`');
    expect(await hover(main.replace('B, n', 'B, |n'), others)).toContain('= `10`');
  });

  it('tells what a file declares that is imported', async () => {
    const others = {
      'blocks.convnet': '// Ten.\n// Not more.\nconst n = 2 * 5\nblock B(k, s = 1) {\n conv k 1x1 stride s\n}',
    };
    expect(await hover('import B from "./blo|cks.convnet"\n', others)).toBe(
      '**./blocks.convnet**\n\n- `const n = 2 * 5` — Ten.\n- `block B(k, s = 1)`',
    );
    expect(await hover('import B from "./no|ne.convnet"\n', others)).toBe('');
  });

  it('tells the values of constants, parameters and loop variables', async () => {
    const text =
      'const a = 2\nconst b = a * 3\nblock B(k, s = 1) {\n conv k 1x1 stride s\n}\nnetwork N {\n input 8x8x3\n repeat i in 1..3 { B(b * i) }\n B(b)\n}';
    expect(await hover(text.replace('B(b)', 'B(|b)'))).toContain('= `6`');
    expect(await hover(text.replace('conv k', 'conv |k'))).toContain('`6`, `12`, `18`');
    expect(await hover(text.replace('b * i', 'b * |i'))).not.toBe('');
    expect(await hover('network N {\n input 8x8x3\n repeat i in 1..3 { conv |i 1x1 }\n}')).toContain('`1`, `2`, `3`');
  });

  it('tells the rules of a framework, the totals of a network, what an expect finds', async () => {
    expect(await hover('network N like caf|fe {\n input 8x8x3\n}')).toContain(
      "| Rounding of pools | **up, Caffe's way** |",
    );
    expect(await hover('network |N {\n input 8x8x3\n fc 10\n}')).toContain('1,930');
    expect(await hover('network N {\n input 8x8x3\n fc 10\n exp|ect params 1930\n}')).toContain('`1930`');
    expect(await hover('network N {\n input 8x8x3\n relu ex|pect 8x8x4\n}')).toContain('`8x8x3`');
  });

  it('is silent where there is nothing to tell', async () => {
    expect(await hover('network N {\n input 8x8x3 // com|ment\n}')).toBe('');
    expect(await hover('network N |{')).toBe('');
    expect(await hover('|')).toBe('');
  });
});
