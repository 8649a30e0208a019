import { describe, expect, it } from 'vitest';
import { lsp, open } from './driver.js';

/** The signature with the parameter at the cursor in brackets. */
async function signature(line: string): Promise<string> {
  const marked = `// Two of them.\nblock B(filters, stride = 1) {\n relu\n}\nnetwork N {\n input 8x8x3\n ${line}\n}`;
  const { document, textDocument, position } = await open(marked);
  const help = await lsp.SignatureHelp?.provideSignatureHelp(document, { textDocument, position });
  const [found] = help?.signatures ?? [];
  const label = found?.parameters?.[help?.activeParameter ?? 0]?.label;
  if (!found || !Array.isArray(label)) return found?.label ?? '';
  return `${found.label.slice(0, label[0])}<${found.label.slice(...label)}>${found.label.slice(label[1])}`;
}

describe('signature help', () => {
  it('follows the arguments of a block', async () => {
    expect(await signature('B(|')).toBe('B(<filters>, stride = 1)');
    expect(await signature('B(min(1, 2), |)')).toBe('B(filters, <stride = 1>)');
    expect(await signature('B(stride = 2|)')).toBe('B(filters, <stride = 1>)');
  });

  it('follows the attributes of a layer', async () => {
    expect(await signature('maxpool |')).toMatch(/^maxpool <kernel> \[stride\]/);
    expect(await signature('maxpool 2x2 stride |')).toMatch(/^maxpool kernel <\[stride\]>/);
  });

  it('is silent elsewhere', async () => {
    expect(await signature('relu |')).toBe('');
    expect(await signature('|')).toBe('');
    expect(await signature('Unknown(|')).toBe('');
  });
});
