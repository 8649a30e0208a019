import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Workbench } from '../../test/e2e/workbench.js';
import { artifacts, root } from '../../test/host/repository.js';

/** The pictures of the panel that stand in the documents, each in the theme that suits it; all of both are left to be looked at. */
const chosen: Readonly<Record<string, Theme>> = {
  lenet: 'light',
  neuron: 'light',
  occlusion: 'light',
  'close-up': 'dark',
  googlenet: 'light',
  resnet50: 'dark',
  unet: 'light',
  training: 'light',
};

export type Theme = 'light' | 'dark';

/** Takes them in a real VS Code. */
export async function takePanelPictures(vsix: string, name: Theme, settings: Readonly<Record<string, unknown>>) {
  const code = await Workbench.open(vsix, { settings, viewport: { width: 1280, height: 800 } });
  const { page } = code;
  // Large networks, on a machine that may have other things to do.
  page.setDefaultTimeout(120_000);
  const inPanel = (selector: string) => code.panel.preview.locator(selector);
  const picture = async (what: string) => {
    // What VS Code has to say of a slow machine.
    await code.runCommand('Notifications: Clear All Notifications');
    // The mouse would hover over something; maps are painted when they are scrolled to.
    await page.mouse.move(400, 799);
    await page.waitForTimeout(1500);
    await code.screenshot(`${what}-${name}`);
    if (chosen[what] === name)
      await copyFile(join(artifacts, `${what}-${name}.png`), join(root, 'docs', 'images', `${what}.png`));
  };
  const show = async (file: string) => {
    // Beside the panel, not over it.
    await page.keyboard.press('ControlOrMeta+1');
    await code.quickOpen(file);
    await page.locator(`.tab[aria-label^="Preview ${file}"]`).waitFor();
    await code.panel.until('ready');
  };
  const scroll = async (distance: number) => {
    const box = await inPanel('.graph').boundingBox();
    if (!box) throw new Error('The graph is not on the screen');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, distance);
  };
  const press = async (button: string, times: number) => {
    for (let time = 0; time < times; time++) await inPanel(`[aria-label="${button}"]`).click();
  };
  const unitOf = async (layer: string, map: number, position: { readonly x: number; readonly y: number }) => {
    // Far below the screen it has no maps yet.
    await code.panel.layer(layer).scrollIntoViewIfNeeded();
    await code.panel.layer(layer).locator('.strip canvas').nth(map).click({ position });
    await inPanel('.unit-value').waitFor();
  };
  try {
    await code.openFile('lenet.convnet');
    await code.openPreview();
    await code.panel.until('ready');
    await page.keyboard.press('ControlOrMeta+b');
    // All of it a second time: what the first run takes is mostly compiling.
    const line = code.lineOf('input');
    const text = code.onDisk('lenet.convnet').split('\n')[line - 1] ?? '';
    for (const said of ['input 32x32x3 scale 2', text.trim()]) {
      await code.replaceLine(line, said);
      await page.waitForTimeout(2000);
    }
    await code.goTo(1);
    await picture('lenet');

    await unitOf('conv1', 3, { x: 30, y: 30 });
    await inPanel('.neuron').evaluate((element) => element.scrollIntoView({ block: 'center' }));
    await picture('neuron');
    await inPanel('.unit-head .link').click();
    await code.panel.layer('conv1').locator('.head').click();

    await show('digits.convnet');
    await unitOf('fc3', 0, { x: 145, y: 8 });
    await inPanel('.sight select').selectOption('occlusion');
    await inPanel('.sight .plane').waitFor();
    await inPanel('.neuron').evaluate((element) => element.scrollIntoView({ block: 'center' }));
    await picture('occlusion');
    await inPanel('.unit-head .link').click();
    await code.panel.layer('fc3').locator('.head').click();

    await code.panel.layer('relu1').getByRole('button').first().click();
    await inPanel('.top-samples button').first().click();
    await inPanel('.top-samples canvas').first().waitFor();
    await inPanel('.close-up').evaluate((element) => element.scrollIntoView({ block: 'start' }));
    await picture('close-up');
    await code.panel.layer('relu1').getByRole('button').first().click();

    await inPanel('.header').getByRole('button', { name: 'Train' }).click();
    await inPanel('.training:not([data-epochs="0"])').waitFor();
    await inPanel('.training').evaluate((element) => element.scrollIntoView({ block: 'center' }));
    await picture('training');
    await inPanel('.training-buttons').getByText('Stop', { exact: true }).click();
    await inPanel('.training-buttons').getByText('Close').click();

    await inPanel('[data-view="graph"]').click();
    await show('googlenet.convnet');
    // Down to the first block, with its four branches.
    await press('Zoom out', 3);
    await scroll(500);
    await inPanel('[aria-label^="Unfold Inception"]').first().click();
    await scroll(-170);
    await picture('googlenet');
    await show('resnet50.convnet');
    for (const block of ['Stage(64', 'Bottleneck']) await inPanel(`[aria-label^="Unfold ${block}"]`).first().click();
    await press('Zoom out', 2);
    await scroll(-380);
    await picture('resnet50');
    await page.keyboard.press('ControlOrMeta+1');
    await code.quickOpen('unet.convnet');
    await page.locator('.tab[aria-label^="Preview unet.convnet"]').waitFor();
    // The first in the file is as large as in the paper, and more than the panel may take.
    await code.goTo(code.lineOf('network UNet {', 'unet.convnet'), 9);
    await code.panel.until('ready');
    await inPanel('.graph-tools').getByText('Fold all', { exact: true }).click();
    await inPanel('.graph-tools').getByText('Fit', { exact: true }).click();
    await press('Zoom in', 4);
    await picture('unet');
  } catch (error) {
    await code.screenshot('failure-pictures');
    throw error;
  } finally {
    await code.close();
  }
}
