import { describe, expect, it } from 'vitest';
import { convnet } from '../cli/driver.js';
import { filesIn, read } from './files.js';

interface Matcher {
  readonly name: string;
  readonly severity: string;
  readonly pattern: Readonly<Record<string, number>> & { readonly regexp: string };
}
const matchers: readonly Matcher[] = JSON.parse(read('package.json')).contributes.problemMatchers;

/** What VS Code takes from each line of an output. */
function problemsIn(output: string, name: string): readonly Readonly<Record<string, string | undefined>>[] {
  const matcher = matchers.find((one) => one.name === name);
  if (!matcher) throw new Error(`There is no problem matcher ${name}`);
  const { regexp, ...groups } = matcher.pattern;
  return output.split('\n').flatMap((line) => {
    const match = new RegExp(regexp).exec(line);
    if (!match) return [];
    return [Object.fromEntries(Object.entries(groups).map(([what, group]) => [what, match[Number(group)]]))];
  });
}

/** What VS Code makes of a severity: it knows `error`, `warning` and `info`, and takes a hint for information. */
const severities: Readonly<Record<string, string>> = { information: 'info' };

describe('the problem matcher $convnet', () => {
  const mistakes = filesIn('examples/mistakes').filter((path) => path.endsWith('.convnet'));

  it.each(mistakes)('finds in the output of check what is wrong with %s, and nothing else', async (path) => {
    const { out } = await convnet(['check', path]);
    const { out: json } = await convnet(['check', path, '--format', 'json']);
    const expected = JSON.parse(json).map((found: Record<string, unknown>) => ({
      file: found.file,
      line: String(found.line),
      column: String(found.column),
      severity: severities[String(found.severity)] ?? found.severity,
      code: found.code,
      message: found.message,
    }));
    expect(problemsIn(out, 'convnet')).toEqual(expected);
  });

  it('finds nothing where nothing is wrong', async () => {
    const { out } = await convnet(['check', 'examples/lenet.convnet']);
    expect(problemsIn(out, 'convnet')).toEqual([]);
  });

  it('reads an information, a place with a space and one of Windows', () => {
    const line = 'C:\\my nets\\a.convnet:3:5: information unseen-pixels: 1 row is never seen: (12 − 3)/2 + 1 = 5.5';
    expect(problemsIn(line, 'convnet')).toEqual([
      {
        file: 'C:\\my nets\\a.convnet',
        line: '3',
        column: '5',
        severity: 'info',
        code: 'unseen-pixels',
        message: '1 row is never seen: (12 − 3)/2 + 1 = 5.5',
      },
    ]);
  });
});

describe('the problem matcher $convnet-like', () => {
  it('finds the layers whose sizes diverge', async () => {
    const input = 'network N {\n  input 12x12x3\n  maxpool 3x3 stride 2 fit floor\n  relu\n}\n';
    const { out } = await convnet(['check', '-', '--like', 'caffe'], { input });
    expect(problemsIn(out, 'convnet-like')).toEqual([]);
    const floor = input.replace('network N {', 'network N like pytorch {').replace(' fit floor', '');
    const { out: diverging } = await convnet(['check', '-', '--like', 'caffe'], { input: floor });
    expect(problemsIn(diverging, 'convnet-like').map(({ file, line }) => [file, line])).toEqual([
      ['<stdin>', '3'],
      ['<stdin>', '4'],
    ]);
    expect(problemsIn(diverging, 'convnet-like')[0]?.message).toMatch(/^N\/maxpool1 .*5×5×3 +6×6×3$/);
  });
});
