import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { version } from '../../package.json';
import { convnet, folderWith, root } from './driver.js';

describe('convnet', () => {
  it('says its version', async () =>
    expect(await convnet(['--version'])).toMatchObject({ status: 0, out: `${version}\n` }));

  it.each([[], ['check'], ['summary'], ['diff'], ['export'], ['run'], ['draw']])(
    'explains itself: %s --help',
    async (...command) => {
      const { status, out } = await convnet([...command, '--help']);
      expect(status).toBe(0);
      await expect(out).toMatchFileSnapshot(`baselines/help/${command[0] ?? 'convnet'}.txt`);
      expect((await convnet(['help', ...command])).out).toBe(out);
    },
  );

  it.each([
    [['chek', 'a'], "unknown command 'chek'"],
    [['check'], "missing required argument 'files'"],
    [['check', '--fromat', 'json', 'examples'], 'Did you mean --format?'],
    [['check', '--format', 'xml', 'examples'], 'Allowed choices are text, json, sarif'],
    [['check', '--like', 'theano', 'examples'], 'Allowed choices are pytorch'],
    [['check', '--max-warnings', 'few', 'examples'], 'It takes a whole number'],
    [['summary', 'examples/lenet.convnet', 'examples/vgg16.convnet'], 'too many arguments'],
    [['run', 'examples/lenet.convnet', '--seed', '-1'], 'It takes a whole number'],
    [['check', 'examples/lenet'], 'did you mean examples/lenet.convnet?'],
    [['check', 'nowhere/lenet.convnet'], 'there is no folder nowhere either'],
    [['check', 'docs-of-nobody'], 'there is no file docs-of-nobody'],
    [['check', 'images'], 'no .convnet files in the folder images'],
    [['summary', 'examples'], 'examples is a folder, not a file'],
    [['draw', 'examples/lenet.convnet', '--format', 'png'], 'Allowed choices are svg, tikz'],
    [['draw', 'examples/lenet.convnet', '--network', 'Nets'], 'it has LeNet'],
    [['draw', 'examples/lenet.convnet', '--out', 'nowhere/a.svg'], 'nowhere/a.svg cannot be written'],
    [['run', 'examples'], 'examples is a folder, not a file'],
  ])('rejects %j', async (args, message) => {
    const { status, out, err } = await convnet(args);
    expect(err).toContain(message);
    expect(out).toBe('');
    expect(status).toBe(2);
  });

  it('shows its help where no command is given', async () => {
    const { status, err } = await convnet([]);
    expect(err).toContain('Usage: convnet');
    expect(status).toBe(2);
  });
});

describe('bad input', () => {
  it.each([
    ['an empty file', '', 0, 'There is no network here yet'],
    // Without slashes: two of them begin a comment.
    ['garbage', randomBytes(50_000).toString('base64').replaceAll('/', '+'), 1, 'error syntax'],
    ['5 MB', 'x'.repeat(5_000_000), 1, 'error too-large'],
    ['bytes that are no text', randomBytes(5000), 2, 'is not a text file'],
    [
      'a picture as large as a country',
      'network N {\ninput 100000x100000x3\nconv 8 3x3 pad 1\n}',
      1,
      'error too-large',
    ],
    ['a layer as large as a country', 'network N {\ninput 224x224x3\nfc 1000000000\n}', 1, 'error too-large'],
  ])('gets a clear message: %s', async (_, content, expected, message) => {
    const cwd = folderWith({ 'n.convnet': content });
    const { status, out, err } = await convnet(['check', 'n.convnet'], { cwd });
    expect(out + err).toContain(message);
    expect(status).toBe(expected);
    expect((await convnet(['run', 'n.convnet'], { cwd })).status).toBeGreaterThan(0);
  });

  it('gets a clear message: a file as large as a film', async () => {
    const cwd = folderWith({ 'n.convnet': '' });
    truncateSync(join(cwd, 'n.convnet'), 2 ** 31);
    const { status, err } = await convnet(['check', 'n.convnet'], { cwd });
    expect(err).toContain('n.convnet has more than 256 MiB and is not read');
    expect(status).toBe(2);
  });

  it('gets a clear message: a folder that looks like a network', async () => {
    const cwd = folderWith({});
    mkdirSync(join(cwd, 'n.convnet'));
    const { status, err } = await convnet(['check', 'n.convnet'], { cwd });
    expect(err).toContain('no .convnet files in the folder n.convnet');
    expect(status).toBe(2);
  });
});

describe('the built command', () => {
  const cli = join(root, 'dist', 'cli', 'main.cjs');

  it('runs', () => {
    expect(execFileSync(process.execPath, [cli, '--version'], { encoding: 'utf8' })).toBe(`${version}\n`);
    const args = [cli, 'check', join('examples', 'mistakes', 'does-not-fit.convnet')];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    expect(stdout).toContain('2.33');
    expect(status).toBe(1);
  });

  it('bears a reader that goes away', () => {
    const command = `"${process.execPath}" "${cli}" summary examples/vgg16.convnet | true`;
    const { stderr } = spawnSync(command, { cwd: root, encoding: 'utf8', shell: true });
    expect(stderr).toBe('');
  });
});
