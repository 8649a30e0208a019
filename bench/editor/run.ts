import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from '../../test/e2e/workbench.js';
import { buildWhereStale, packageExtension } from '../../test/host/build.js';
import { runInExtensionHost } from '../../test/host/extensionHost.js';
import { root } from '../../test/host/repository.js';
import type { KeystrokeTimes } from './keystrokes.js';
import { run as measureServer } from './server.js';
import { summary } from './statistics.js';

const EDITS = 30;
const STARTS = 5;

/** How long the editor takes to answer, in a running VS Code. */
export async function run(): Promise<void> {
  await measureServer();
  buildWhereStale();
  await runInExtensionHost('bench/editor/keystrokes.cjs');
  const keystrokes: KeystrokeTimes = JSON.parse(
    readFileSync(join(root, 'build', 'bench', 'editor', 'keystrokes.json'), 'utf8'),
  );
  const activations: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    await runInExtensionHost('bench/editor/activation.cjs', 'none');
    activations.push(JSON.parse(readFileSync(join(root, 'build', 'bench', 'editor', 'activation.json'), 'utf8')));
  }
  const startups = await measureStartups();
  const repaints = await measureRepaints();
  console.table({
    "activation as VS Code tells it (Running Extensions): the extension's code is loaded, then activate()":
      summary(startups),
    'activation as another extension waits for it, VS Code at rest': summary(activations),
    'vgg16: change of the text → diagnostics, as the extension host sees it': summary(keystrokes.fromChange),
    'vgg16: edit by the API → diagnostics, the way to the page and back included': summary(keystrokes.fromEdit),
    'lenet: key pressed → preview painted again': summary(repaints),
  });
}

/** What VS Code itself says that the extension took, in a window that is opened over the examples: the others start with it. */
async function measureStartups(): Promise<number[]> {
  const code = await Workbench.open(packageExtension());
  try {
    const times: number[] = [];
    for (let start = 0; start < STARTS; start++) {
      if (start > 0) await code.page.reload();
      // The file stays open over a reload, if VS Code has written down that it is.
      await (start === 0 ? code.openFile('lenet.convnet') : code.quickOpen('lenet.convnet'));
      await code.totals.waitFor();
      await code.openByCommand('Developer: Show Running Extensions');
      const row = code.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'ConvNet' });
      const text = (await row.first().textContent()) ?? '';
      const milliseconds = /Activation: (\d+)ms/.exec(text)?.[1];
      if (milliseconds === undefined) throw new Error(`VS Code does not say how long the extension took: ${text}`);
      times.push(Number(milliseconds));
      await code.page.keyboard.press('Escape');
    }
    return times;
  } finally {
    await code.close();
  }
}

/** Types into lenet's second convolution and waits for the preview, by the clock both pages share. */
async function measureRepaints(): Promise<number[]> {
  const code = await Workbench.open(packageExtension());
  try {
    await code.openFile('lenet.convnet');
    const lines = readFileSync(join(code.folder, 'lenet.convnet'), 'utf8').split('\n');
    const line = 1 + lines.findIndex((text) => text.includes('conv2:'));
    await code.openPreview();
    await code.panel.until('ready');
    // `pad 1` and `pad 3` both fit; with nothing after `pad` nothing runs.
    await code.replaceLine(line, 'conv2: conv 16 5x5 pad 1');
    await code.page.keyboard.press('End');
    await code.panel.until('ready');
    await code.page.evaluate(() => {
      document.addEventListener('keydown', () => document.body.setAttribute('data-key-at', String(Date.now())), true);
    });
    const times: number[] = [];
    for (let edit = 0; edit < EDITS; edit++) {
      await code.page.keyboard.press('Backspace');
      await code.panel.until('error');
      const painted = await code.panel.watchNextPaint();
      await code.page.keyboard.type(edit % 2 === 0 ? '3' : '1');
      const paintedAt = await painted();
      times.push(paintedAt - Number(await code.page.locator('body').getAttribute('data-key-at')));
    }
    return times;
  } finally {
    await code.close();
  }
}
