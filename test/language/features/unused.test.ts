import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { DiagnosticTag } from 'vscode-languageserver-types';
import { toDiagnostic } from '../../../src/language/server/validator.js';
import { check, errors } from '../check.js';
import { open, textAt } from './driver.js';

/** What is faded, and what the text is when it is removed. */
async function unused(text: string): Promise<readonly (readonly [string, string | undefined])[]> {
  const checked = await check(text);
  return checked.findings
    .filter(({ code }) => code === 'unused-name')
    .map((finding) => {
      const [fix] = checked.fixesOf(finding);
      const { textDocument } = checked.document;
      return [textDocument.getText(finding.range), fix && TextDocument.applyEdits(textDocument, [...fix.edits])];
    });
}

const net = 'network N {\n  input 8x8x3\n  B(4, 2, last = 1)\n  B(4, last = 1)\n}\n';

describe('unused names', () => {
  it('are constants', async () => {
    const text = 'const a = 1\nconst b = a // of a\nnetwork N {\n  input 8x8x3\n  relu\n}\n';
    expect(await unused(text)).toEqual([['b', text.replace('const b = a // of a\n', '')]]);
  });

  it('are parameters, with their arguments', async () => {
    expect(await unused(`block B(k, s = 1, last = 1) {\n  conv k 1x1 stride last\n}\n${net}`)).toEqual([
      ['s', `block B(k, last = 1) {\n  conv k 1x1 stride last\n}\n${net.replace('4, 2,', '4,')}`],
    ]);
    const one = 'block B(k) {\n  relu\n}\nnetwork N {\n  input 8x8x3\n  B(4)\n}\n';
    expect(await unused(one)).toEqual([['k', one.replace('(k)', '').replace('(4)', '')]]);
  });

  it('are loop variables, where a number says the same', async () => {
    const text = 'network N {\n  input 8x8x3\n  repeat i in 1..4 { relu; conv 3 1x1 }\n}\n';
    expect(await unused(text)).toEqual([['i', text.replace('i in 1..4', '4')]]);
    expect(await unused(text.replace('1..4', '2..4'))).toEqual([['i', undefined]]);
    expect(await unused(text.replace('conv 3', 'conv i'))).toEqual([]);
  });

  it('are blocks', async () => {
    const own = 'network N {\n  input 8x8x3\n  relu\n}\n';
    expect(await unused(`block B {\n  relu\n}\n${own}`)).toEqual([['B', own]]);
    // The one is used by the other.
    expect(await unused(`block B {\n  relu\n}\nblock C {\n  B\n}\n${own}`)).toEqual([
      ['C', `block B {\n  relu\n}\n${own}`],
    ]);
  });

  it('are not those that another file may import', async () => {
    expect(await unused('const a = 1\nblock B(k) {\n  relu\n}\n')).toEqual([['k', undefined]]);
  });

  it('are told when nothing is wrong', async () => {
    const text = 'const a = 1\nnetwork N {\n  input 8x8x3\n  rleu\n}\n';
    expect(await errors(text)).toHaveLength(1);
    expect(await unused(text)).toEqual([]);
  });

  it('are faded, as unused layers are', async () => {
    const opened = await open('const a = 1\nnetwork N {\n  input 8x8x3\n  b: relu\n  tanh\n  relu from b\n}\n');
    const { findings } = await check(opened.document.textDocument.getText());
    const faded = findings.map(toDiagnostic).filter(({ tags }) => tags?.includes(DiagnosticTag.Unnecessary));
    expect(faded.map(({ range, code }) => [code, textAt(opened, range)])).toEqual([
      ['unused-name', 'a'],
      ['unused-layer', 'tanh'],
    ]);
  });

  it('are imports', async () => {
    const opened = await open(
      'import A, B from "./o.convnet"\nimport C from "./o.convnet"\nnetwork N {\n input 8x8x3\n B\n}\n',
      { 'o.convnet': 'block A {\n relu\n}\nblock B {\n relu\n}\nconst C = 1\n' },
    );
    expect(opened.document.diagnostics?.map(({ code, range }) => [code, textAt(opened, range)])).toEqual([
      ['unused-name', 'A'],
      ['unused-name', 'C'],
    ]);
  });
});
