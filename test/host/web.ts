import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { BROWSER_ARGUMENTS } from './browser.js';
import { ensureWebHost } from './install.js';
import { freePort } from './server.js';

/** What we use of @vscode/test-web. */
interface TestWeb {
  open(options: Readonly<Record<string, unknown>>): Promise<{ dispose(): void }>;
}

export interface WebVSCode {
  readonly page: Page;
  close(): Promise<void>;
}

/** VS Code for the Web, without any server behind it but for its files, with the extension and a folder. */
export async function openWebVSCode(executablePath: string, extension: string, folder: string): Promise<WebVSCode> {
  const host = await ensureWebHost();
  const { open }: TestWeb = createRequire(join(host.folder, 'package.json'))('@vscode/test-web');
  const port = await freePort();
  const server = await open({
    browserType: 'none',
    quality: host.quality,
    commit: host.commit,
    testRunnerDataDir: host.data,
    esm: false,
    extensionDevelopmentPath: extension,
    folderPath: folder,
    host: 'localhost',
    port,
  });
  const profile = await mkdtemp(join(tmpdir(), 'convnet-profile-'));
  // Webviews there are of another origin, and keep what they need in cookies of theirs.
  await mkdir(join(profile, 'Default'), { recursive: true });
  await writeFile(
    join(profile, 'Default', 'Preferences'),
    JSON.stringify({ profile: { block_third_party_cookies: false, cookie_controls_mode: 0 } }),
  );
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: BROWSER_ARGUMENTS,
    viewport: { width: 1600, height: 1000 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  // Its webviews are at subdomains of that name.
  await page.goto(`http://localhost:${port}/`);
  return {
    page,
    async close() {
      await context.close();
      server.dispose();
      await rm(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
