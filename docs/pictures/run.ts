// `npm run pictures`: takes the pictures of the walkthrough and of the documents anew, in a real VS Code; `npm run pictures -- panel`
// only those of the panel, `-- walkthrough` only the others. What goes into docs/images is to be brought down to 256 colours.
import { mkdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { Workbench } from '../../test/e2e/workbench.js';
import { buildWhereStale, packageExtension } from '../../test/host/build.js';
import { root } from '../../test/host/repository.js';
import { takePanelPictures } from './panel.js';

const pictures = join(root, 'images', 'walkthrough');
const themes = { light: 'Default Light Modern', dark: 'Default Dark Modern' };

/** Nothing but what the picture is about. */
const settings = {
  'breadcrumbs.enabled': false,
  'editor.fontSize': 16,
  'editor.minimap.enabled': false,
  'explorer.openEditors.visible': 0,
  'window.commandCenter': false,
  'workbench.activityBar.location': 'hidden',
  'workbench.layoutControl.enabled': false,
};

const LENET = `network LeNet {
  input 32x32x3
  conv1: conv 6 5x5
  relu
  maxpool 2x2 stride 2
  conv2: conv 16 5x5
  relu
  maxpool 2x2 stride 2
  fc 120; relu
  fc 84; relu
  fc 10
  softmax
}
`;
const CONV2 = 'conv2: conv 16 5x5';
const LINE = 6;

const EXPECTING = `network LeNet {
  input 32x32x3
  conv1: conv 6 5x5  expect 28x28x6
  relu
  maxpool 2x2 stride 2
  conv2: conv 16 5x5
  relu
  maxpool 2x2 stride 2
  fc 120; relu
  fc 84; relu
  fc 10
  softmax
  expect params 60000
}
`;

/** One session of work, a picture at each step. */
async function take(name: keyof typeof themes, vsix: string) {
  const code = await Workbench.open(vsix, {
    settings: { ...settings, 'workbench.colorTheme': themes[name] },
    viewport: { width: 920, height: 620 },
    prepare: async (folder) => {
      // Nothing wrong but what is shown.
      await rm(folder, { recursive: true });
      await mkdir(folder);
      await writeFile(join(folder, 'lenet.convnet'), LENET);
      await writeFile(join(folder, 'expect.convnet'), EXPECTING);
    },
  });
  const { page } = code;
  const picture = async (step: string) => {
    // The mouse would hover over something.
    await page.mouse.move(460, 619);
    await page.screenshot({ path: join(pictures, `${step}-${name}.png`) });
  };
  try {
    await code.openFile('lenet.convnet');
    await page.getByText('10×10×16').first().waitFor();
    const isDark = await page.locator('.monaco-workbench.vs-dark').count();
    if (isDark !== (name === 'dark' ? 1 : 0)) throw new Error(`VS Code does not show its ${name} theme`);

    await code.totals.click();
    await code.pick('Show in the Network View');
    await code.network.row('conv2').waitFor();
    await page.locator('.pane-header[aria-label^="Explorer Section"]').click();
    await code.goTo(LINE, 10);
    await code.network.selected('conv2').waitFor();
    await picture('network');
    await page.keyboard.press('Control+b');
    await page.locator('.part.sidebar').waitFor({ state: 'hidden' });

    await code.replaceLine(LINE, CONV2);
    await page.keyboard.press('End');
    await page.keyboard.type(' stride ');
    await page.locator('.suggest-widget.visible .monaco-list-row').first().waitFor();
    await picture('write');
    await page.keyboard.type('2');
    await page.keyboard.press('Escape');
    await code.squiggles.first().waitFor();
    await code.goTo(LINE, 12);
    await code.openQuickFixes('Use stride 1');
    await picture('mend');
    await page.keyboard.press('Escape');
    await code.replaceLine(LINE, CONV2);

    await code.openPreview();
    await code.panel.until('ready');
    while ((await code.panel.maps('conv2')).every(({ flat }) => flat)) await page.waitForTimeout(100);
    await picture('preview');

    await code.save();
    await code.runCommand('View: Close All Editors');
    await code.quickOpen('expect.convnet');
    await code.runCommand('Testing: Focus on Test Explorer View');
    await page.locator('.editor-instance .testing-run-glyph').first().click();
    await page.locator('.editor-instance .codicon-testing-failed-icon').first().waitFor();
    await page.getByText('62006 != 60000').first().waitFor();
    await picture('expect');
  } catch (error) {
    await code.screenshot('failure-pictures');
    throw error;
  } finally {
    await code.close();
  }
}

mkdirSync(pictures, { recursive: true });
buildWhereStale();
const vsix = packageExtension();
for (const name of ['light', 'dark'] as const) {
  if (argv[2] !== 'panel') await take(name, vsix);
  if (argv[2] !== 'walkthrough')
    await takePanelPictures(vsix, name, { ...settings, 'editor.fontSize': 13, 'workbench.colorTheme': themes[name] });
}
