#!/usr/bin/env node
// Takes the command line of a desktop VS Code that is to run tests, and runs them in the browser-hosted one:
// @vscode/test-electron cannot tell the difference.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findBrowser, HOW_TO_GET_A_BROWSER, launchBrowser } from './browser.js';
import { ensureHost } from './install.js';
import { startServer } from './server.js';

const LONGEST_RUN = 10 * 60 * 1000;

const { values, positionals } = parseArgs({
  options: { extensionDevelopmentPath: { type: 'string' }, extensionTestsPath: { type: 'string' } },
  allowPositionals: true,
  // The options of a desktop program that mean nothing here are passed over.
  strict: false,
});
const path = (value: string | boolean | undefined, name: string) => {
  if (typeof value !== 'string') throw new Error(`${name} is missing`);
  return value;
};

const executable = findBrowser();
if (!executable) throw new Error(`No browser found. ${HOW_TO_GET_A_BROWSER}`);

const server = await startServer(await ensureHost(), { testDriver: true });
const browser = await launchBrowser(executable);
try {
  const page = await browser.newPage();
  const exited = new Promise<number>((resolve) => {
    void page.exposeFunction('codeAutomationExit', resolve);
  });
  await page.goto(
    server.url(path(positionals[0], 'the folder to open'), {
      extensionDevelopmentPath: path(values.extensionDevelopmentPath, '--extensionDevelopmentPath'),
      extensionTestsPath: path(values.extensionTestsPath, '--extensionTestsPath'),
    }),
  );
  const tooLong = delay(LONGEST_RUN, undefined, { ref: false }).then(() => {
    throw new Error(`The tests did not end within ${LONGEST_RUN / 1000} s`);
  });
  process.exitCode = await Promise.race([exited, tooLong]);
} finally {
  await browser.close();
  await server.stop();
}
