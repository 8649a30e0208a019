import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';

const PATIENCE = 60_000;

/**
 * VS Code calls this in its extension host: a fresh one each time, in which nothing has woken the extension. What is measured is what
 * an extension waits that activates this one: VS Code's way to the page and back, where it keeps what extensions have stored,
 * loading the code, and `activate`.
 */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('convnet.convnet-vscode');
  if (!extension || extension.isActive) throw new Error('The extension is not there, or active already');
  await quiet();
  const began = performance.now();
  await extension.activate();
  writeFileSync(join(__dirname, 'activation.json'), JSON.stringify(performance.now() - began));
}

/** When VS Code has started its own extensions: no turn of the event loop has taken long for a second. */
async function quiet(): Promise<void> {
  const began = performance.now();
  let last = began;
  let since = began;
  while (last - since < 1000 && last - began < PATIENCE) {
    await delay(5);
    const now = performance.now();
    if (now - last > 30) since = now;
    last = now;
  }
}
