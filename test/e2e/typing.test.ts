import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../language/server/client.js';
import { Editor, keysOf } from '../language/typing/editor.js';
import { MOST_PERCENT, resnet18 } from '../language/typing/resnet18.js';
import { write } from '../language/typing/typist.js';
import { packagedExtension, soon, Workbench } from './workbench.js';

const FILE = 'resnet18.convnet';

let code: Workbench;

beforeAll(async () => {
  code = await Workbench.open(packagedExtension(), {
    // Nothing to import; a file by which one sees that the language server is up.
    async prepare(folder) {
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
      await writeFile(join(folder, FILE), '');
      await writeFile(join(folder, 'ready.convnet'), 'network Ready {\n  input 1x1x1\n  relu\n}\n');
    },
  });
});

afterAll(() => code?.close());

/** The keys that Playwright knows by other names. */
const names: Readonly<Record<string, string>> = { Down: 'ArrowDown', 'Ctrl+Space': 'Control+Space' };

// A key at a time, each looked at.
const LONGEST = 400_000;

it('Somebody writes ResNet-18 from an empty file with at most 60 keys for each 100 characters', {
  timeout: LONGEST,
}, async () => {
  // What is pressed is worked out without VS Code; each key is pressed here when what it acts on is to be seen.
  const planned = await Editor.open(await connect(), FILE);
  await write(planned, resnet18);

  await code.quickOpen('ready.convnet');
  await expect.poll(() => code.totals.textContent(), soon).toContain('Ready');
  await code.quickOpen(FILE);
  await code.goTo(1);
  let pressed = '';
  try {
    for (const { key, text, chosen } of planned.strokes) {
      await code.page.keyboard.press(names[key] ?? key);
      pressed += ` ${key}`;
      await expect.poll(() => code.wholeText(), soon).toBe(text);
      await expect.poll(() => code.chosenSuggestion(), soon).toBe(chosen);
    }
  } catch (error) {
    console.log(`Pressed:${pressed}`);
    await code.screenshot('failure-typing');
    throw error;
  }
  await code.screenshot('typing');
  await expect.poll(() => code.totals.textContent(), soon).toContain('ResNet18: 11,689,512 parameters');
  expect(await code.squiggles.count()).toBe(0);
  await code.save();
  await expect.poll(() => code.onDisk(FILE), soon).toBe(resnet18);
  expect((100 * keysOf(planned.strokes)) / resnet18.length).toBeLessThanOrEqual(MOST_PERCENT);
});
