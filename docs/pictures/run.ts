// `npm run pictures`: takes the pictures of the walkthrough anew, in a real VS Code.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from '../../test/e2e/workbench.js';
import { buildWhereStale, packageExtension } from '../../test/host/build.js';
import { root } from '../../test/host/repository.js';

const folder = join(root, 'images', 'walkthrough');
const themes = { light: 'Default Light Modern', dark: 'Default Dark Modern' };

const settings = {
  'breadcrumbs.enabled': false,
  'editor.minimap.enabled': false,
  'workbench.activityBar.location': 'hidden',
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
};

/** One session of work, a picture at each step. */
async function take(name: keyof typeof themes) {
  const code = await Workbench.open(packageExtension(), {
    settings: { ...settings, 'workbench.colorTheme': themes[name] },
    viewport: { width: 960, height: 600 },
  });
  const picture = async (step: string) => {
    // The mouse would hover over something.
    await code.page.mouse.move(0, 0);
    await code.page.screenshot({ path: join(folder, `${step}-${name}.png`) });
  };
  try {
    await code.openFile('lenet.convnet');
    await code.page.getByText('10×10×16').first().waitFor();
    await code.network.row('conv2').waitFor();
    await code.goTo(code.lineOf('conv2:'));
    await code.network.selected('conv2').waitFor();
    await picture('network');
    await code.runCommand('View: Toggle Primary Side Bar Visibility');
    await picture('write');
    await code.openPreview();
    await code.panel.until('ready');
    await code.runCommand('View: Focus Active Editor Group');
    await picture('preview');
    await code.runCommand('View: Close Other Editors in Group');
    await code.page.keyboard.press('Control+k');
    await code.page.keyboard.press('Control+v');
  } finally {
    await code.close();
  }
}

mkdirSync(folder, { recursive: true });
buildWhereStale();
for (const name of ['light', 'dark'] as const) await take(name);
