import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convnet, folderWith } from './driver.js';

const network = (body: string, name = 'N') => `network ${name} {\n  input 8x8x3\n${body}\n}\n`;
const before = network('conv 4 3x3 pad 1\nrelu\nfc 5');
const after = network('conv 4 3x3 pad 1 stride 1\ntanh\nfc 6');

describe('convnet diff', () => {
  it('finds no difference in what is only written in other words', async () => {
    const cwd = folderWith({ 'a.convnet': before, 'b.convnet': before.replace('4 3x3', 'filters 4 kernel 3x3') });
    const { out, status } = await convnet(['diff', 'a.convnet', 'b.convnet'], { cwd });
    expect(out).toBe('N: no difference\n');
    expect(status).toBe(0);
  });

  it('tells what changed, from what to what, and by how much', async () => {
    const cwd = folderWith({ 'a.convnet': before, 'b.convnet': after });
    const { out, status } = await convnet(['diff', 'a.convnet', 'b.convnet'], { cwd });
    expect(out).toMatch(/^\+ {2}tanh1 +tanh +added +8×8×4/m);
    expect(out).toMatch(/^− {2}relu1 +relu +removed/m);
    // fc: 8·8·4 weights and a bias for each unit.
    expect(out).toMatch(/^~ {2}fc1 +fc +units 5 → 6 +1×1×5 → 1×1×6 +1,285 → 1,542 +1,280 → 1,536/m);
    // conv: (3·3·3 + 1)·4 = 112.
    expect(out).toContain('Parameters: 1,397 → 1,654 (+257)');
    expect(status).toBe(1);
  });

  it('prints Markdown and JSON', async () => {
    const cwd = folderWith({ 'a.convnet': before, 'b.convnet': after });
    const markdown = await convnet(['diff', 'a.convnet', 'b.convnet', '--format', 'markdown'], { cwd });
    expect(markdown.out).toContain('| ~ | fc1 | fc | units 5 → 6 | 1×1×5 → 1×1×6 |');
    const json = await convnet(['diff', 'a.convnet', 'b.convnet', '--format', 'json'], { cwd });
    expect(JSON.parse(json.out).networks[0]).toMatchObject({
      differs: true,
      before: { name: 'N', params: 1397 },
      after: { name: 'N', params: 1654 },
      layers: [
        { change: 'added', before: null, after: { name: 'tanh1', file: 'b.convnet', line: 4 } },
        { change: 'removed', before: { name: 'relu1', file: 'a.convnet' }, after: null },
        { change: 'changed', attributes: [{ name: 'units', before: '5', after: '6' }] },
      ],
    });
  });

  it('tells of networks that are new or gone', async () => {
    const both = before + network('relu', 'Other');
    const cwd = folderWith({ 'a.convnet': both, 'b.convnet': before });
    expect((await convnet(['diff', 'a.convnet', 'b.convnet'], { cwd })).out).toContain('Other: removed');
    expect((await convnet(['diff', 'b.convnet', 'a.convnet'], { cwd })).out).toContain('Other: added');
  });
});

describe('convnet diff with git', () => {
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], { cwd, stdio: 'pipe' });

  /** A repository whose only commit has a network that imports a block, both of which have been edited since. */
  function repository(): string {
    const cwd = folderWith({});
    mkdirSync(join(cwd, 'models'));
    writeFileSync(join(cwd, 'models', 'block.convnet'), 'block B(n) { conv n 1x1 }\n');
    const text = `import B from "./block.convnet"\n${network('B(4)\nrelu')}`;
    writeFileSync(join(cwd, 'models', 'n.convnet'), text);
    git(cwd, 'init', '-q');
    git(cwd, 'add', '.');
    git(cwd, 'commit', '-qm', 'First');
    writeFileSync(join(cwd, 'models', 'block.convnet'), 'block B(n) { conv (2 * n) 1x1 }\n');
    return cwd;
  }

  it('compares with the last commit, imports included', async () => {
    const top = repository();
    for (const [cwd, path] of [
      [top, 'models/n.convnet'],
      [join(top, 'models'), 'n.convnet'],
    ] as const) {
      const { out, err, status } = await convnet(['diff', path], { cwd });
      expect(err).toBe('');
      expect(out).toMatch(/^~ +B1\/conv1 +conv +filters 4 → 8/m);
      expect(status).toBe(1);
    }
    const { out } = await convnet(['diff', 'HEAD:models/n.convnet', 'HEAD:./models/n.convnet'], { cwd: top });
    expect(out).toBe('N: no difference\n');
  });

  it.each([
    [['nope:models/n.convnet', 'models/n.convnet'], 'there is no commit nope'],
    [['HEAD:nope.convnet', 'models/n.convnet'], 'the commit HEAD has no file nope.convnet'],
    [['--output=x:models/n.convnet', 'models/n.convnet'], 'unknown option'],
  ])('%j is wrong usage', async (args, message) => {
    const { err, status } = await convnet(['diff', ...args], { cwd: repository() });
    expect(err).toContain(message);
    expect(status).toBe(2);
  });

  it('needs a repository', async () => {
    const cwd = folderWith({ 'n.convnet': before });
    const { err, status } = await convnet(['diff', 'n.convnet'], { cwd });
    expect(err).toContain('not a git repository');
    expect(status).toBe(2);
  });
});
