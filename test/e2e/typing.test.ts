import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../language/server/client.js';
import { Editor } from '../language/typing/editor.js';
import { resnet18 } from '../language/typing/resnet18.js';
import { write } from '../language/typing/typist.js';
import { packagedExtension, soon, Workbench } from './workbench.js';

interface Step {
  readonly key: string;
  /** The suggestion that is chosen afterwards; undefined where none are shown. */
  readonly chosen: string | undefined;
}

/** The keys that write a text in the editor that the tests of the language stand in for VS Code, and what it suggests. */
async function keysFor(text: string): Promise<readonly Step[]> {
  const editor = await Editor.open(await connect(), 'typed.convnet');
  const steps: Step[] = [];
  const press = editor.press.bind(editor);
  editor.press = async (key) => {
    await press(key);
    steps.push({ key, chosen: editor.suggestions[0]?.label });
  };
  await write(editor, text);
  return steps;
}

const names: Readonly<Record<string, string>> = { Down: 'ArrowDown', 'Ctrl+Space': 'Control+Space' };

describe('Somebody who writes ResNet-18 from an empty file', () => {
  let code: Workbench;

  beforeAll(async () => {
    code = await Workbench.open(packagedExtension(), {
      prepare: (folder) => writeFile(join(folder, 'typed.convnet'), ''),
      settings: { 'files.autoSave': 'off' },
    });
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await code.screenshot('failure-typing');
  });

  afterAll(() => code?.close());

  it('is suggested at each key what the count of keys reckons with', { timeout: 600_000 }, async () => {
    const steps = await keysFor(resnet18);
    await code.quickOpen('typed.convnet');
    // The server is there: it says that the file is empty.
    await code.page.locator('.editor-instance .squiggly-info').first().waitFor();
    await code.goTo(1);
    const chosen = () =>
      code.page.evaluate(() => {
        const row = document.querySelector('.suggest-widget.visible .monaco-list-row.focused .label-name');
        return row?.textContent ?? undefined;
      });
    for (const [i, { key, chosen: expected }] of steps.entries()) {
      await code.page.keyboard.press(names[key] ?? key);
      const pressed = steps.slice(Math.max(0, i - 8), i + 1).map((step) => step.key);
      await expect.poll(chosen, { ...soon, message: `after ${pressed.join(' ')}` }).toBe(expected);
    }
    await code.save();
    expect(code.onDisk('typed.convnet')).toBe(resnet18);
  });
});
