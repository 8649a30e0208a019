import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sarifSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json';
import { default as Ajv } from 'ajv-draft-04';
import { describe, expect, it } from 'vitest';
import { codes } from '../../src/network/diagnostics.js';
import { convnet, folderWith, root } from './driver.js';

const networksIn = (folder: string) => readdirSync(join(root, folder)).filter((name) => name.endsWith('.convnet'));
const codesOf = (json: string) => JSON.parse(json).map(({ code }: { code: string }) => code);
const inNetwork = (...lines: readonly string[]) => `network N {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;

describe('convnet check', () => {
  it.each(networksIn('examples'))('finds no error in examples/%s', async (name) => {
    const { status, out } = await convnet(['check', `examples/${name}`]);
    expect(out).toContain('1 file checked, no errors');
    expect(status).toBe(0);
  });

  // The first word of the comment at its top says what is wrong with it.
  it.each(networksIn('examples/mistakes'))('finds exactly the one mistake in %s', async (name) => {
    const file = `examples/mistakes/${name}`;
    const [intended = ''] = readFileSync(join(root, file), 'utf8').match(/[a-z-]+/) ?? [];
    const { status, out } = await convnet(['check', file, '--format', 'json']);
    expect(codesOf(out)).toEqual([intended]);
    expect(status).toBe(codes[intended as keyof typeof codes].severity === 'error' ? 1 : 0);
    const text = await convnet(['check', file]);
    await expect(text.out).toMatchFileSnapshot(`baselines/mistakes/${name.replace('.convnet', '.txt')}`);
  });

  it('prints the contract as JSON', async () => {
    const { out } = await convnet(['check', 'examples/mistakes/does-not-fit.convnet', '--format', 'json']);
    const [diagnostic] = JSON.parse(out);
    expect(diagnostic).toEqual({
      file: 'examples/mistakes/does-not-fit.convnet',
      line: 5,
      column: 3,
      endLine: 5,
      endColumn: 22,
      severity: 'error',
      code: 'does-not-fit',
      message: expect.stringContaining('2.33'),
      fixes: expect.arrayContaining([expect.stringContaining('stride 2')]),
    });
  });

  it('prints an empty array where nothing is wrong', async () =>
    expect((await convnet(['check', 'examples/lenet.convnet', '--format', 'json'])).out).toBe('[]\n'));

  it('searches folders, but not those of packages and hidden ones', async () => {
    const folder = folderWith({ 'b.convnet': inNetwork('input 8x8x1'), 'notes.txt': '' });
    for (const inner of ['a', 'node_modules', '.git']) {
      mkdirSync(join(folder, inner));
      writeFileSync(join(folder, inner, 'n.convnet'), inNetwork('input 8x8'));
    }
    const { out } = await convnet(['check', '.', '--format', 'json'], { cwd: folder });
    expect(JSON.parse(out).map(({ file }: { file: string }) => file)).toEqual([join('a', 'n.convnet')]);
    expect((await convnet(['check', '.', 'b.convnet'], { cwd: folder })).out).toContain('1 error in 1 file');
  });

  it('reads standard input', async () => {
    const { status, out } = await convnet(['check', '-'], { input: inNetwork('input 7x7x3', 'conv 8 3x3 stride 3') });
    expect(out).toContain('<stdin>:3:3: error does-not-fit:');
    expect(status).toBe(1);
  });

  it('colours for a terminal only', async () => {
    const args = ['check', 'examples/mistakes/syntax.convnet'];
    expect((await convnet(args)).out).not.toContain('\x1b');
    expect((await convnet(args, { colour: true })).out).toContain('\x1b[');
  });

  it('lets warnings pass, up to a number if one is given', async () => {
    const file = 'examples/mistakes/linear-layers.convnet';
    expect((await convnet(['check', file])).out).toContain('1 file checked, no errors, 1 warning');
    expect((await convnet(['check', file, '--max-warnings', '1'])).status).toBe(0);
    const none = await convnet(['check', file, '--max-warnings', '0']);
    expect(none.status).toBe(1);
    expect(none.err).toContain('1 warning, more than the 0 allowed');
  });

  it('says where a mistake inside a block fails', async () => {
    const text = `block B {\n  maxpool 2x2\n}\n${inNetwork('input 6x6x1', 'B', 'B')}`;
    const { out } = await convnet(['check', '-'], { input: text });
    expect(out).toContain('<stdin>:2:3: error does-not-fit');
    expect(out).toContain('<stdin>:7:3: B2 gets 3×3×1');
  });

  it('names what is imported by its path', async () => {
    const cwd = folderWith({
      'blocks.convnet': 'block B {\n  maxpool 2x2\n}\n',
      'n.convnet': `import B from "./blocks.convnet"\n${inNetwork('input 5x5x1', 'B')}`,
    });
    const { out } = await convnet(['check', 'n.convnet'], { cwd });
    expect(out).toContain('n.convnet:4:3: error does-not-fit: In B:');
    expect(out).toContain('  blocks.convnet:2:3:');
  });
});

describe('convnet check --like', () => {
  const pooled = inNetwork('input 12x12x3', 'maxpool 3x3 stride 2', 'relu').replace('N {', 'N like pytorch {');

  it('lists the layers whose sizes diverge', async () => {
    const { status, out } = await convnet(['check', '-', '--like', 'caffe'], { input: pooled });
    await expect(out).toMatchFileSnapshot('baselines/like-caffe.txt');
    expect(status).toBe(1);
  });

  it('passes where all sizes are the same', async () => {
    const { status, out } = await convnet(['check', 'examples/alexnet.convnet', '--like', 'pytorch']);
    expect(out).toContain('all sizes are the same like PyTorch');
    expect(status).toBe(0);
  });

  it('takes the defaults of the other framework', async () => {
    const { out } = await convnet(['check', '-', '--like', 'caffe', '--format', 'json'], {
      input: inNetwork('input 8x8x1', 'maxpool 2x2'),
    });
    expect(JSON.parse(out)).toMatchObject([
      { line: 3, code: 'sizes-diverge', message: expect.stringContaining('7×7×1') },
    ]);
  });

  it('tells what is an error there alone, and no expectation', async () => {
    const { out } = await convnet(['check', '-', '--like', 'caffe', '--format', 'json'], {
      input: inNetwork('input 8x8x1', 'conv 4 3x3 pad same expect 8x8x4'),
    });
    expect(codesOf(out)).toEqual(['invalid-value']);
    expect(out).toContain('Like Caffe: ');
  });
});

describe('convnet check --format sarif', () => {
  it('prints a log whose results point to rules and places', async () => {
    const { status, out } = await convnet(['check', 'examples', '--format', 'sarif']);
    expect(status).toBe(1);
    const { version, runs } = JSON.parse(out);
    expect(version).toBe('2.1.0');
    const [{ tool, results }] = runs;
    expect(tool.driver.name).toBe('convnet');
    expect(results.length).toBeGreaterThan(10);
    for (const { ruleId, ruleIndex, level, message, locations } of results) {
      expect(tool.driver.rules[ruleIndex]).toMatchObject({ id: ruleId, help: { text: expect.stringMatching(/\.$/) } });
      expect(['error', 'warning', 'note']).toContain(level);
      expect(message.text).not.toBe('');
      const [{ physicalLocation }] = locations;
      expect(physicalLocation.artifactLocation.uri).toMatch(/^examples\/[\w/-]+\.convnet$/);
      for (const number of Object.values(physicalLocation.region)) expect(number).toBeGreaterThan(0);
    }
  });

  it('is valid by the schema of SARIF 2.1.0', async () => {
    // The schema comes with Microsoft's matchers for SARIF. Addresses have a test of their own; ajv knows no formats.
    const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(sarifSchema);
    for (const files of [['examples/lenet.convnet'], ['examples'], ['--like', 'caffe', 'examples']]) {
      validate(JSON.parse((await convnet(['check', ...files, '--format', 'sarif'])).out));
      expect(validate.errors).toBeNull();
    }
    expect(validate({ version: '2.1.0', runs: [{ results: [{}] }] })).toBe(false);
  });

  it('escapes what an address cannot hold', async () => {
    const cwd = folderWith({ 'my net.convnet': inNetwork('input 8x8') });
    const { out } = await convnet(['check', 'my net.convnet', '--format', 'sarif'], { cwd });
    expect(out).toContain('"uri": "my%20net.convnet"');
  });
});
