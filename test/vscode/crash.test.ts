import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { closeAll, diagnosticsOf, open, positionOf, until } from './document.js';

const RIGHT = `network Right {
  input 32x32x3
  conv1: conv 10 5x5 pad 2
  relu
}
`;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly program: string;
}

/** Those of this machine: from `/proc`, for a bare Linux has no `ps`; from `ps` elsewhere. */
function processes(): readonly Process[] {
  const pattern = /^\s*(\d+)\s+(\d+)\s+(.*)$/;
  const lines = existsSync('/proc/self/stat')
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(describeProcess)
    : execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, program = ''] = pattern.exec(line) ?? [];
    return pid ? [{ pid: Number(pid), parent: Number(parent), program }] : [];
  });
}

function describeProcess(pid: string): string {
  try {
    const [, parent = ''] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return `${pid} ${parent} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`;
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

/** The process of the language server: a child of this extension host. */
const serverProcess = (): number | undefined =>
  processes().find(({ parent, program }) => parent === process.pid && program.includes('server.cjs'))?.pid;

const sound = (editor: vscode.TextEditor) =>
  until(
    () => diagnosticsOf(editor),
    (list) => list.length === 0,
    'no diagnostic',
  );

describe('The language server under fire', () => {
  before(function () {
    if (process.platform === 'win32') {
      console.log('NOT RUN: the tests that end the language server look for it with ps');
      this.skip();
    }
  });

  afterEach(closeAll);

  it('is killed, comes again, and knows the text as it is now', async () => {
    const editor = await open(RIGHT);
    const at = positionOf(editor, 'pad 2');
    await editor.edit((edit) => edit.insert(at, 'stride 4 '));
    await until(
      () => diagnosticsOf(editor),
      (list) => list.length === 1,
      'a diagnostic of the unsaved text',
    );
    const before = serverProcess();
    assert.ok(before);
    process.kill(before, 'SIGKILL');
    // Typed while nobody is there.
    await editor.edit((edit) => edit.replace(new vscode.Range(at, at.translate(0, 'stride 4 '.length)), 'groups 2 '));
    const after = await until(serverProcess, (pid) => pid !== undefined && pid !== before, 'another process');
    assert.notEqual(after, before);
    const [found] = await until(
      () => diagnosticsOf(editor),
      (list) => list.some(({ message }) => message.includes('group')),
      'a diagnostic of what was typed meanwhile',
    );
    assert.ok(found);
    assert.match(editor.document.getText(), /groups 2 pad 2/);
    await editor.edit((edit) => edit.delete(new vscode.Range(at, at.translate(0, 'groups 2 '.length))));
    await sound(editor);
  });

  it('is restarted by the command, and goes on with the text as it is', async () => {
    const editor = await open(RIGHT.replace('pad 2', 'pad 2 stride 4'));
    await until(
      () => diagnosticsOf(editor),
      (list) => list.length === 1,
      'a diagnostic',
    );
    const before = serverProcess();
    await vscode.commands.executeCommand('convnet.restartServer');
    await until(serverProcess, (pid) => pid !== undefined && pid !== before, 'another process');
    await until(
      () => diagnosticsOf(editor),
      (list) => list.length === 1,
      'the diagnostic again',
    );
    const at = positionOf(editor, ' stride 4');
    await editor.edit((edit) => edit.delete(new vscode.Range(at, at.translate(0, ' stride 4'.length))));
    await sound(editor);
  });
});
