import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import esbuild from 'esbuild';
import type { Browser, Locator, Page } from 'playwright-core';
import { createFileChecker } from '../../../src/cli/checker.js';
import { createNonce, pageHtml } from '../../../src/extension/preview/html.js';
import { reportOf } from '../../../src/language/server/networks-message.js';
import type { HostMessage, PanelMessage, PanelState, Place } from '../../../src/preview/protocol.js';
import type { DataAnswer, DataAsk } from '../../../src/preview/train/data-protocol.js';
import { findBrowser, HOW_TO_GET_A_BROWSER, launchBrowser } from '../../host/browser.js';
import { root } from '../../host/repository.js';
import themes from './themes.json';

/**
 * The panel's own page in a browser, with its real policy, worker and engine, but without VS Code around it: what the
 * extension would say, the test says. Quick enough to try every control.
 */

type Theme = keyof typeof themes;

export const browserIsMissing = (): boolean => {
  if (findBrowser()) return false;
  console.log(`NOT RUN: the panel's page. No Chromium or Chrome was found.\n${HOW_TO_GET_A_BROWSER}`);
  return true;
};

/** One for all pages of a test file; it ends with the file's process. */
let browser: Promise<Browser> | undefined;

/** Starting a browser takes its time on a busy machine. */
export const PATIENCE = 60_000;

const ORIGIN = 'https://panel.test';

interface PageOptions {
  readonly theme?: Theme;
  readonly width?: number;
  readonly height?: number;
  readonly state?: PanelState;
  readonly reducedMotion?: boolean;
  /** Pixels of the screen for each of the page's: what enlarging the window makes of it. */
  readonly scale?: number;
}

export class PanelPage {
  private readonly checker = createFileChecker();

  /** Which questions about pictures to learn from are left without an answer, as by a disk that is very slow. */
  withholds: (ask: DataAsk) => boolean = () => false;

  private constructor(
    readonly page: Page,
    /** What the page told the extension. */
    readonly sent: PanelMessage[],
    /** What the browser complained about: the policy's violations, errors nobody caught. */
    readonly complaints: string[],
  ) {}

  static async open({ theme = 'dark', width = 760, height = 1000, state, reducedMotion, scale }: PageOptions = {}) {
    const executable = findBrowser();
    if (!executable) throw new Error(HOW_TO_GET_A_BROWSER);
    browser ??= launchBrowser(executable);
    const [launched, files] = await Promise.all([browser, bundle()]);
    const context = await launched.newContext({
      viewport: { width, height },
      deviceScaleFactor: scale ?? 1,
      reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    });
    const page = await context.newPage();
    const sent: PanelMessage[] = [];
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.exposeFunction('hostReceives', (message: PanelMessage) => {
      sent.push(message);
      if (message.type === 'readWeights') void panel.sendWeights(message.uri, message.path);
      if (message.type === 'readLabels') void panel.sendLabels(message.uri, message.path);
      if (message.type === 'readData') void panel.sendData(message);
    });
    await page.addInitScript(standIn, { variables: themes[theme], theme, state });
    await page.route(`${ORIGIN}/**`, (route) => {
      const name = new URL(route.request().url()).pathname.slice(1);
      const file = name === '' ? { body: html(), contentType: 'text/html' } : files.get(name);
      return file ? route.fulfill(file) : route.abort();
    });
    const panel = new PanelPage(page, sent, complaints);
    await page.goto(`${ORIGIN}/`);
    await panel.until(() => sent.some(({ type }) => type === 'ready'));
    return panel;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** Shows a file of `examples/` or of another folder, or a text, as if it were opened in the editor. */
  async show(text: string, name = 'test.convnet', folder = join(root, 'examples')): Promise<void> {
    const uri = `file://${join(folder, name)}`;
    const { networks } = await this.checker.check(uri, text);
    const reports = networks.map((network) => reportOf(uri, network));
    await this.post({ type: 'document', isLocked: false, document: { uri, title: name, networks: reports } });
  }

  async showExample(name: string): Promise<void> {
    await this.show(readFileSync(join(root, 'examples', name), 'utf8'), name);
  }

  async post(message: HostMessage): Promise<void> {
    await this.page.evaluate((message) => window.postMessage(message, '*'), message);
  }

  /** What the extension sends of a weights file, by default as it is on the disk. */
  async sendWeights(uri: string, path: string, bytes = readBeside(uri, path)): Promise<void> {
    await this.post({ type: 'weights', uri, path, bytes });
  }

  private async sendLabels(uri: string, path: string): Promise<void> {
    const bytes = readBeside(uri, path);
    await this.post({ type: 'labels', uri, path, text: bytes && new TextDecoder().decode(bytes) });
  }

  /** What the extension reads of the pictures that a network learns from. */
  private async sendData({ id, uri, ask }: Extract<PanelMessage, { type: 'readData' }>): Promise<void> {
    if (this.withholds(ask)) return;
    const path = fileURLToPath(new URL(ask.path, uri));
    const answer = answerFrom(path, ask);
    if (answer.type !== 'bytes') return this.post({ type: 'data', id, answer });
    // Playwright hands bytes over one by one, which takes minutes for millions of them.
    await this.page.evaluate(
      ([id, base64]) => {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        window.postMessage({ type: 'data', id, answer: { type: 'bytes', bytes } }, '*');
      },
      [id, Buffer.from(answer.bytes).toString('base64')] as const,
    );
  }

  async cursor(place: Place): Promise<void> {
    await this.post({ type: 'cursor', place });
  }

  get preview(): Locator {
    return this.page.locator('#preview');
  }

  /** Until the network has run. */
  async ready(): Promise<void> {
    await this.page.locator('#preview[data-state="ready"]').waitFor();
  }

  /** What axe finds wrong, a line each. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    return this.page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: typeof axe }).axe.run('#preview');
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
    });
  }

  layer(name: string): Locator {
    return this.page.locator(`[data-layer="${name}"]`);
  }

  private async until(holds: () => boolean): Promise<void> {
    for (let tries = 0; !holds() && tries < 500; tries++) await this.page.waitForTimeout(20);
  }
}

function answerFrom(path: string, ask: DataAsk): DataAnswer {
  if (ask.type === 'read') {
    const bytes = new Uint8Array(readFileSync(path));
    return { type: 'bytes', bytes: ask.part ? bytes.slice(ask.part.from, ask.part.from + ask.part.length) : bytes };
  }
  if (!existsSync(path)) return { type: 'found', found: null };
  const status = statSync(path);
  if (status.isFile()) return { type: 'found', found: { type: 'file', size: status.size } };
  const entries = readdirSync(path, { withFileTypes: true }).map((entry) => ({
    name: entry.name,
    isFolder: entry.isDirectory(),
  }));
  return { type: 'found', found: { type: 'folder', entries } };
}

function readBeside(uri: string, path: string): Uint8Array | null {
  const file = fileURLToPath(new URL(path, uri));
  return existsSync(file) ? new Uint8Array(readFileSync(file)) : null;
}

/** In place of VS Code: its message channel, and the variables of its themes. */
function standIn({ variables, theme, state }: { variables: Record<string, string>; theme: string; state: unknown }) {
  let kept = state;
  const receive = (message: unknown) =>
    (window as unknown as { hostReceives(message: unknown): void }).hostReceives(message);
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: receive,
      getState: () => kept,
      setState: (next: unknown) => {
        kept = next;
      },
    }),
  });
  addEventListener('DOMContentLoaded', () => {
    // As VS Code has it: what is said of the dark one holds for both, unless the light one says otherwise.
    document.body.className =
      theme === 'high-contrast-light' ? `vscode-${theme} vscode-high-contrast` : `vscode-${theme}`;
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
  });
}

const html = (): string =>
  pageHtml({
    script: `${ORIGIN}/panel.js`,
    style: `${ORIGIN}/panel.css`,
    worker: `${ORIGIN}/worker.js`,
    training: `${ORIGIN}/training.js`,
    cspSource: ORIGIN,
    nonce: createNonce(),
  });

interface ServedFile {
  readonly body: string;
  readonly contentType: string;
}

let bundled: Promise<ReadonlyMap<string, ServedFile>> | undefined;

/** The page's scripts and styles, as esbuild.js builds them. */
const bundle = (): Promise<ReadonlyMap<string, ServedFile>> => {
  bundled ??= build();
  return bundled;
};

async function build(): Promise<ReadonlyMap<string, ServedFile>> {
  const common = {
    bundle: true,
    write: false,
    outdir: '/',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    absWorkingDir: root,
  } as const;
  const outputs = await Promise.all([
    esbuild.build({ ...common, entryPoints: ['src/preview/panel.tsx'], format: 'esm', splitting: true }),
    esbuild.build({ ...common, entryPoints: ['src/preview/worker.ts'], format: 'iife' }),
    esbuild.build({ ...common, entryPoints: { training: 'src/preview/train/worker.ts' }, format: 'iife' }),
  ]);
  const files = outputs.flatMap(({ outputFiles }) => outputFiles);
  return new Map(
    files.map(({ path, text }) => [
      path.slice(path.lastIndexOf('/') + 1),
      { body: text, contentType: path.endsWith('.css') ? 'text/css' : 'text/javascript' },
    ]),
  );
}
