import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { findBrowser, launchBrowser } from '../host/browser.js';
import { ensureHost } from '../host/install.js';
import { artifacts, root } from '../host/repository.js';
import { startServer } from '../host/server.js';
import { openWebVSCode } from '../host/web.js';

const PATIENCE = 60_000;

/** How often and how long to look again for what VS Code does in its own time. */
export const soon = { interval: 50, timeout: 60_000 };

/** The package that is tested. */
export function packagedExtension(): string {
  const vsix = process.env.CONVNET_VSIX;
  if (!vsix) throw new Error('Run by test/host/run.ts, which says in CONVNET_VSIX where the package is');
  return vsix;
}

const LARGE = { width: 1600, height: 1000 };

interface Options {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** What is done with the folder before it is opened. */
  prepare?(folder: string): Promise<void>;
}

/** VS Code as its user sees it: a page, a keyboard and a mouse. */
export class Workbench {
  private constructor(
    readonly page: Page,
    /** A copy of the examples, shown in the explorer. */
    readonly folder: string,
    readonly close: () => Promise<void>,
  ) {}

  /** A fresh VS Code with the packaged extension. */
  static async open(vsix: string, { settings = {}, viewport = LARGE, prepare }: Options = {}): Promise<Workbench> {
    const executable = findBrowser();
    if (!executable) throw new Error('No browser found');
    const folder = await mkdtemp(join(tmpdir(), 'convnet-workspace-'));
    await cp(join(root, 'examples'), folder, { recursive: true });
    await prepare?.(folder);
    await mkdir(artifacts, { recursive: true });
    const [server, browser] = await Promise.all([
      ensureHost().then((host) => startServer(host, { vsix, settings })),
      launchBrowser(executable),
    ]);
    const page = await browser.newPage({ viewport });
    page.setDefaultTimeout(PATIENCE);
    await page.goto(server.url(folder));
    await page.locator('.monaco-workbench').waitFor();
    return new Workbench(page, folder, async () => {
      await browser.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    });
  }

  /** VS Code for the Web with the extension of this repository as it is built: no program runs but the browser. */
  static async openWeb(): Promise<Workbench> {
    const executable = findBrowser();
    if (!executable) throw new Error('No browser found');
    const folder = await mkdtemp(join(tmpdir(), 'convnet-workspace-'));
    await cp(join(root, 'examples'), folder, { recursive: true });
    await mkdir(artifacts, { recursive: true });
    const { page, close } = await openWebVSCode(executable, root, folder);
    page.setDefaultTimeout(PATIENCE);
    await page.locator('.monaco-workbench').waitFor();
    return new Workbench(page, folder, async () => {
      await close();
      await rm(folder, { recursive: true, force: true });
    });
  }

  async openFile(name: string): Promise<void> {
    await this.page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`).dblclick();
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.page.locator('.editor-instance .view-line').first().waitFor();
  }

  async runCommand(title: string): Promise<void> {
    await this.openByCommand(title);
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Runs a command that asks for more where the commands were listed. */
  async openByCommand(title: string): Promise<void> {
    await this.ask('F1', `>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title }).waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** By its name, whatever the side bar shows. */
  async quickOpen(name: string): Promise<void> {
    await this.ask('ControlOrMeta+p', name);
    await this.page.locator(`.quick-input-list .monaco-list-row.focused[aria-label^="${name}"]`).waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.page.locator('.editor-instance .view-line').first().waitFor();
  }

  /** Opens VS Code's input by a key, and says what is looked for. */
  private async ask(key: string, text: string): Promise<void> {
    const input = this.page.locator('.quick-input-box input');
    // A key that is pressed while the focus moves is lost; an input that is just closing takes nothing.
    for (let tries = 1; ; tries++) {
      if (!(await input.isVisible())) await this.page.keyboard.press(key);
      try {
        return await input.fill(text, { timeout: 5000 });
      } catch (error) {
        if (tries === 6) throw error;
      }
    }
  }

  /** Chooses an entry of the list that is open, with its text in it. */
  async pick(entry: string): Promise<void> {
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: entry }).first().click();
  }

  /** What stands in a file of the folder, on the disk. */
  onDisk(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** The number of the first line of a file on the disk that has the text in it, counted from 1. */
  lineOf(text: string, name = 'lenet.convnet'): number {
    const line = this.onDisk(name)
      .split('\n')
      .findIndex((candidate) => candidate.includes(text));
    if (line < 0) throw new Error(`'${text}' is not in ${name}`);
    return line + 1;
  }

  async save(): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+s');
    await this.page.locator('.editor-group-container.active .tab.active:not(.dirty)').waitFor();
  }

  /** Puts the cursor into the editor; lines and columns count from 1. */
  async goTo(line: number, column = 1): Promise<void> {
    // Not by a click, which would scroll the text or land on a hint.
    await this.page
      .locator('.editor-instance .native-edit-context, .editor-instance textarea.inputarea')
      .first()
      .evaluate((input) => (input as HTMLElement).focus({ preventScroll: true }));
    await this.page.keyboard.press('Control+g');
    await this.page.locator('.quick-input-box input').fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Types key by key. */
  async typeAt(line: number, column: number, text: string): Promise<void> {
    await this.goTo(line, column);
    await this.page.keyboard.type(text);
    // The suggestions, if they are still open.
    await this.page.keyboard.press('Escape');
  }

  /** Replaces what a line says at one stroke, as pasting does: nothing in between is ever checked or run. */
  async replaceLine(line: number, text: string): Promise<void> {
    await this.goTo(line);
    await this.page.keyboard.press('Home');
    await this.page.keyboard.press('Shift+End');
    await this.page.keyboard.insertText(text);
    // Selecting a long line scrolled the text aside.
    await this.page.keyboard.press('Home');
  }

  /** The text of a visible line, without the hints that stand in it. */
  async lineText(line: number): Promise<string> {
    return this.page.evaluate((line) => {
      const numbers = [...document.querySelectorAll<HTMLElement>('.editor-instance .line-numbers')];
      const top = numbers.find((number) => number.textContent === String(line))?.parentElement?.style.top;
      const row = [...document.querySelectorAll<HTMLElement>('.editor-instance .view-line')].find(
        (row) => row.style.top === top,
      );
      const hints = '[class*="dyn-rule"]';
      const spans = [...(row?.querySelectorAll<HTMLElement>('span > span') ?? [])];
      const text = spans.filter((span) => !span.matches(hints)).map((span) => span.textContent);
      return text.join('').replaceAll('\u00a0', ' ').trim();
    }, line);
  }

  /** A size in the text, where the tree beside it may show the same one out of sight. */
  hint(...sizes: readonly string[]): Locator {
    return this.page
      .locator('.editor-instance .view-lines')
      .getByText(new RegExp(sizes.join('|')))
      .first();
  }

  /** All lines of a file that the editor shows whole, without the hints that stand in them. */
  async wholeText(): Promise<string> {
    return this.page.evaluate(() => {
      const rows = [...document.querySelectorAll<HTMLElement>('.editor-instance .view-line')];
      rows.sort((a, b) => Number.parseFloat(a.style.top) - Number.parseFloat(b.style.top));
      const textOf = (row: HTMLElement) =>
        [...row.querySelectorAll<HTMLElement>('span > span')]
          .filter((span) => !span.matches('[class*="dyn-rule"]'))
          .map((span) => span.textContent)
          .join('');
      return rows.map(textOf).join('\n').replaceAll('\u00a0', ' ').replaceAll('\u200b', '');
    });
  }

  /** The label of the suggestion that is chosen; undefined where none are shown. */
  async chosenSuggestion(): Promise<string | undefined> {
    return this.page.evaluate(() => {
      const row = document.querySelector('.suggest-widget.visible .monaco-list-row.focused');
      return row?.querySelector('.label-name')?.textContent ?? undefined;
    });
  }

  /** The number of the line the cursor is in. */
  cursorLine(): Promise<string | null> {
    return this.page.locator('.editor-instance .line-numbers.active-line-number').textContent();
  }

  /** By the button in the editor's title. */
  async openPreview(): Promise<void> {
    await this.page.locator('.editor-actions [aria-label^="Open Preview to the Side"]').click();
  }

  get squiggles(): Locator {
    return this.page.locator('.editor-instance .squiggly-error');
  }

  /** The text of the hover at the cursor. */
  async hoverAtCursor(): Promise<string | null> {
    await this.page.keyboard.press('ControlOrMeta+k');
    await this.page.keyboard.press('ControlOrMeta+i');
    const hover = this.page.locator('.monaco-hover:not(.hidden) .hover-contents').first();
    await hover.waitFor();
    const text = await this.page.locator('.monaco-hover:not(.hidden)').first().textContent();
    await this.page.keyboard.press('Escape');
    await hover.waitFor({ state: 'hidden' });
    return text;
  }

  /** Opens the light bulb's menu by the keyboard and waits for an entry. */
  async openQuickFixes(entry: string): Promise<void> {
    await this.page.locator('.editor-instance [class*="lightbulb"]').first().waitFor();
    await this.openActions('ControlOrMeta+.', entry);
  }

  async openRefactorings(entry: string): Promise<void> {
    await this.openActions('ControlOrMeta+Shift+r', entry);
  }

  private async openActions(keys: string, entry: string): Promise<void> {
    const item = this.page.locator('.action-widget').getByText(entry).first();
    // VS Code drops the request where the editor changes meanwhile, say because a hover closes: one presses again. But not
    // too soon, for the same keys accept the first entry of an open menu.
    for (let attempt = 0; attempt < 4; attempt++) {
      await this.page.keyboard.press(keys);
      const opened = await item.waitFor({ timeout: 12_000 }).then(
        () => true,
        () => false,
      );
      if (opened) return;
    }
    throw new Error(`The editor does not offer '${entry}'`);
  }

  get network(): NetworkTree {
    return new NetworkTree(this.page);
  }

  /** What the status bar says of the network at the cursor. */
  get totals(): Locator {
    return this.page.locator('.statusbar-item[id="convnet.convnet-vscode.convnet.network"]');
  }

  /** The one that is open. */
  get panel(): Panel {
    return this.panelNumber(0);
  }

  /** Of several: in the order in which they were opened. */
  panelNumber(index: number): Panel {
    return new Panel(this.page.locator('iframe.webview').nth(index).contentFrame().frameLocator('iframe#active-frame'));
  }

  /** Takes the name that VS Code proposes for a file to be saved. */
  async saveAs(name: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget .quick-input-box input');
    await input.waitFor();
    for (let tries = 0; !(await input.inputValue()).endsWith(name); tries++) {
      if (tries > 200) throw new Error(`VS Code proposes ${await input.inputValue()}, not ${name}`);
      await this.page.waitForTimeout(50);
    }
    await this.page.keyboard.press('Enter');
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(artifacts, `${name}.png`) });
  }
}

/** The *Network* view in the explorer. */
export class NetworkTree {
  private readonly pane: Locator;

  constructor(private readonly page: Page) {
    this.pane = page.locator('.pane', { has: page.locator('.pane-header .title', { hasText: /^Network$/ }) });
  }

  async unfold(): Promise<void> {
    const header = this.pane.locator('.pane-header');
    if ((await header.getAttribute('aria-expanded')) !== 'true') await header.click();
    await this.pane.locator('.pane-header[aria-expanded="true"]').waitFor();
  }

  /** By how its label begins; what stands beside it follows after a comma. */
  row(label: string): Locator {
    return this.pane.locator(`.monaco-list-row[aria-label^="${label}"]`).first();
  }

  selected(label: string): Locator {
    return this.pane.locator(`.monaco-list-row.selected[aria-label^="${label}"]`);
  }

  get rows(): Locator {
    return this.pane.locator('.monaco-list-row');
  }

  get message(): Locator {
    return this.pane.locator('.message');
  }

  async action(title: string): Promise<void> {
    await this.pane.locator('.pane-header').hover();
    await this.pane.locator(`.pane-header .action-label[aria-label^="${title}"]`).click();
    await this.page.mouse.move(0, 0);
  }
}

export interface ActivationMap {
  /** All pixels are equal: there is nothing to see. */
  readonly flat: boolean;
  /** A digest of the pixels: equal where they are equal, byte for byte. */
  readonly bytes: string;
}

/** The preview: a page of its own, inside two frames. */
export class Panel {
  constructor(private readonly frame: FrameLocator) {}

  get preview(): Locator {
    return this.frame.locator('#preview');
  }

  async until(state: 'ready' | 'error'): Promise<void> {
    await this.frame.locator(`#preview[data-state="${state}"]`).waitFor();
  }

  /** Watches from now on; what it returns tells when the results of the next run are on the screen, by the clock. */
  async watchNextPaint(): Promise<() => Promise<number>> {
    const watch = await this.preview.evaluateHandle((preview) => ({
      painted: new Promise<number>((resolve) => {
        const observer = new MutationObserver(() => {
          observer.disconnect();
          // After the frame in which the page draws what it was told.
          requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
        });
        observer.observe(preview, { attributeFilter: ['data-run'] });
      }),
    }));
    return () => watch.evaluate(({ painted }) => painted);
  }

  layer(name: string): Locator {
    return this.frame.locator(`[data-layer="${name}"]`);
  }

  /** Every activation map of a layer. */
  async maps(layer: string): Promise<ActivationMap[]> {
    const canvases = this.layer(layer).locator('canvas');
    await canvases.first().waitFor();
    return canvases.evaluateAll((list) =>
      Promise.all(
        list.map(async (element) => {
          const canvas = element as HTMLCanvasElement;
          const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
          const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(data ?? [])));
          return {
            flat: data?.every((byte, i) => byte === data[i % 4]) ?? true,
            bytes: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''),
          };
        }),
      ),
    );
  }

  /** Lets go of a file over the panel, as a mouse would. */
  async drop(name: string, type: string, bytes: Uint8Array): Promise<void> {
    await this.bring(['dragenter', 'dragover', 'drop'], name, type, bytes);
  }

  /** Pastes a picture that was copied elsewhere. */
  async paste(name: string, type: string, bytes: Uint8Array): Promise<void> {
    await this.bring(['paste'], name, type, bytes);
  }

  private async bring(events: readonly string[], name: string, type: string, bytes: Uint8Array): Promise<void> {
    await this.preview.evaluate(
      (preview, { events, name, type, bytes }) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], name, { type }));
        const about = { bubbles: true, cancelable: true };
        for (const event of events)
          preview.dispatchEvent(
            event === 'paste'
              ? new ClipboardEvent(event, { clipboardData: data, ...about })
              : new DragEvent(event, { dataTransfer: data, ...about }),
          );
      },
      { events, name, type, bytes: [...bytes] },
    );
  }
}
