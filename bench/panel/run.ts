import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CDPSession, FrameLocator } from 'playwright-core';
import { Workbench } from '../../test/e2e/workbench.js';
import { buildWhereStale, packageExtension } from '../../test/host/build.js';
import { root } from '../../test/host/repository.js';
import { type Summary, summary } from '../editor/statistics.js';
import { resNet152 } from '../networks.js';
import { type Paint, type Passage, STEPS, watchPaints } from './paints.js';
import { shareOwnPriority } from './priority.js';

const EDITS = 12;
const OPENINGS = 5;
const SCROLLS = 60;

interface Row extends Summary {
  readonly target: string;
}

/** How much of an edit passes until the panel has done each of its steps, first and last time. */
function tellPassage(of: string, passages: readonly (readonly [began: number, passage: Passage])[]): void {
  const steps = STEPS.flatMap((step) => {
    const times = passages.flatMap(([began, passage]) => {
      const at = passage[step];
      return at ? [[at.first - began, at.last - began] as const] : [];
    });
    if (times.length === 0) return [];
    return [
      [
        step,
        {
          first: summary(times.map(([first]) => first))['median ms'],
          last: summary(times.map(([, last]) => last))['median ms'],
        },
      ],
    ];
  });
  console.log(`${of}: milliseconds since the key or the click, medians`);
  console.table(Object.fromEntries(steps));
}

/** How quick the panel is in a real VS Code, from the key to the picture on the screen. */
export async function run(options: readonly string[]): Promise<void> {
  buildWhereStale();
  const vsix = packageExtension();
  const rows: Record<string, Row> = {};
  const only = options[0] === '--only' ? options[1] : undefined;
  for (const [name, measure] of Object.entries(measures)) {
    if (only && only !== name) continue;
    const code = await Workbench.open(vsix, {
      prepare: (folder) => writeFile(join(folder, 'resnet152.convnet'), resNet152),
    });
    try {
      await code.page.addInitScript(watchPaints);
      await measure(code, rows);
      console.table(rows);
    } catch (error) {
      await code.screenshot(`failure-bench-${name}`);
      throw error;
    } finally {
      await code.close();
    }
  }
  const size = (file: string) => `${(statSync(join(root, 'dist', 'preview', file)).size / 1000).toFixed(0)} KB`;
  console.table({
    'panel.js': { size: size('panel.js'), target: '400 KB' },
    'worker.js': { size: size('worker.js'), target: '' },
    'panel.css': { size: size('panel.css'), target: '' },
  });
}

type Measure = (code: Workbench, rows: Record<string, Row>) => Promise<void>;

const measures: Readonly<Record<string, Measure>> = {
  async lenet(code, rows) {
    const times = await edits(
      code,
      'lenet.convnet',
      'conv2: conv 16 5x5',
      'conv2: conv 16 5x5 pad 1',
      ['3', '1'],
      ['conv2'],
    );
    rows['LeNet: key → run ended'] = { ...summary(times.map(({ run }) => run)), target: '' };
    rows['LeNet: key → every visible map'] = { ...summary(times.map(({ all }) => all)), target: '60 ms' };
  },
  async alexnet(code, rows) {
    const line = 'conv5: conv 256 3x3 groups 2 pad 1';
    const times = await edits(code, 'alexnet.convnet', 'conv5:', line, ['2', '1'], ['conv5']);
    rows["AlexNet, last conv: key → that layer's maps"] = {
      ...summary(times.map(({ first }) => first)),
      target: '250 ms',
    };
    rows['AlexNet, last conv: key → every visible map'] = { ...summary(times.map(({ all }) => all)), target: '250 ms' };
  },
  async resnet50(code, rows) {
    const line = 'input 224x224x3 scale 1';
    const times = await edits(code, 'resnet50.convnet', 'input 224x224x3', line, ['2', '1'], ['input1', 'Stem1/conv1']);
    rows['ResNet-50, its input: key → maps of the first layers'] = {
      ...summary(times.map(({ first }) => first)),
      target: '200 ms',
    };
    rows['ResNet-50, its input: key → the whole network has run'] = {
      ...summary(times.map(({ run }) => run)),
      target: '1000 ms',
    };
  },
  opening: async (code, rows) => {
    await code.openFile('lenet.convnet');
    await code.page.getByText('10×10×16').first().waitFor();
    const times: number[] = [];
    const passages: (readonly [number, Passage])[] = [];
    for (let opening = 0; opening < OPENINGS; opening++) {
      shareOwnPriority();
      const began = Date.now();
      await code.openPreview();
      const paints = await until(code, (found) => found.some(({ layer }) => layer !== ''));
      times.push(Math.min(...paints.filter(({ layer }) => layer !== '').map(({ at }) => at)) - began);
      await code.panel.until('ready');
      passages.push([began, await passageOf(code)]);
      await code.page.locator('.tab[aria-label^="Preview lenet"]').click({ button: 'middle' });
      await code.page.locator('iframe.webview').waitFor({ state: 'detached' });
      await code.page.waitForTimeout(500);
    }
    tellPassage('Opening', passages);
    rows['LeNet: click on Open Preview → first maps'] = { ...summary(times), target: '800 ms' };
  },
  async scrolling(code, rows) {
    await code.openFile('resnet152.convnet');
    await code.openPreview();
    await code.panel.until('ready');
    await code.page.keyboard.press('ControlOrMeta+1');
    const cdp = await code.page.context().newCDPSession(code.page);
    await cdp.send('Performance.enable');
    const box = await code.page.locator('iframe.webview').boundingBox();
    if (!box) throw new Error('The panel is not on the screen');
    await code.page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.7);
    const turn = (distance: number) => () => code.page.mouse.wheel(0, distance);
    rows['ResNet-152: a frame of scrolling the layers'] = {
      ...summary(await frames(code, cdp, [turn(240)])),
      target: '8 ms',
    };
    await frame(code).locator('[data-view="graph"]').click();
    await frame(code).locator('[data-graph-layer]').first().waitFor();
    await code.page.waitForTimeout(1000);
    rows['ResNet-152: a frame of moving the graph'] = {
      ...summary(await frames(code, cdp, [turn(120)])),
      target: '8 ms',
    };
    const zoom = (distance: number) => async () => {
      await code.page.keyboard.down('Control');
      await turn(distance)();
      await code.page.keyboard.up('Control');
    };
    rows['ResNet-152: a frame of zooming the graph'] = {
      ...summary(await frames(code, cdp, [zoom(40), zoom(40), zoom(40), zoom(-40), zoom(-40), zoom(-40)])),
      target: '8 ms',
    };
  },
};

const frame = (code: Workbench): FrameLocator =>
  code.page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');

interface EditTimes {
  /** When the layer that was edited is repainted, when everything on the screen is, and when the run has ended. */
  readonly first: number;
  readonly all: number;
  readonly run: number;
}

/** Types one character over the last of a line, again and again, and waits for the panel. */
async function edits(
  code: Workbench,
  file: string,
  begin: string,
  line: string,
  characters: readonly [string, string],
  layers: readonly string[],
): Promise<EditTimes[]> {
  await code.openFile(file);
  const number = code.lineOf(begin, file);
  await code.openPreview();
  await code.panel.until('ready');
  await code.replaceLine(number, line);
  await code.page.keyboard.press('End');
  await code.page.waitForTimeout(1500);
  await code.panel.until('ready');
  await code.page.evaluate(() => {
    document.addEventListener('keydown', () => document.body.setAttribute('data-key-at', String(Date.now())), true);
  });
  const times: EditTimes[] = [];
  const passages: (readonly [number, Passage])[] = [];
  for (let edit = -2; edit < EDITS; edit++) {
    await code.page.keyboard.press('Shift+ArrowLeft');
    await quiet(code);
    shareOwnPriority();
    const ended = await code.panel.watchNextPaint();
    await passageOf(code);
    await code.page.keyboard.press(characters[Math.abs(edit) % 2] as string);
    const run = await ended();
    const paints = (await quiet(code)).filter(({ visible, layer }) => visible && layer !== '');
    const began = Number(await code.page.locator('body').getAttribute('data-key-at'));
    const own = paints.filter(({ layer }) => layers.includes(layer));
    if (own.length === 0) throw new Error(`${layers} is not on the screen`);
    const passage = await passageOf(code);
    if (edit < 0) continue;
    passages.push([began, passage]);
    times.push({
      first: Math.max(...own.map(({ at }) => at)) - began,
      all: Math.max(...paints.map(({ at }) => at)) - began,
      run: run - began,
    });
  }
  tellPassage(file, passages);
  return times;
}

/** The steps since the last time this was asked. */
const passageOf = (code: Workbench): Promise<Passage> =>
  code.panel.preview.evaluate(() => window.passage?.(true) ?? {});

const paintsOf = (code: Workbench, reset: boolean): Promise<readonly Paint[]> =>
  code.panel.preview.evaluate((_, reset) => window.paintsSince?.(reset) ?? [], reset);

async function until(code: Workbench, holds: (paints: readonly Paint[]) => boolean): Promise<readonly Paint[]> {
  for (;;) {
    const paints = await paintsOf(code, false);
    if (holds(paints)) return paints;
    await code.page.waitForTimeout(20);
  }
}

/** What was painted until nothing runs and nothing more is painted, for half a second. */
async function quiet(code: Workbench): Promise<readonly Paint[]> {
  const paints: Paint[] = [];
  for (let calm = 0; calm < 5; ) {
    const more = await paintsOf(code, true);
    paints.push(...more);
    const isRunning = (await code.panel.preview.getAttribute('data-state')) === 'running';
    calm = more.length === 0 && !isRunning ? calm + 1 : 0;
    await code.page.waitForTimeout(100);
  }
  return paints;
}

/** Milliseconds of script, style and layout that each turn costs, of the whole window. */
async function frames(code: Workbench, cdp: CDPSession, turns: readonly (() => Promise<void>)[]): Promise<number[]> {
  shareOwnPriority();
  const times: number[] = [];
  for (let turn = 0; turn < SCROLLS; turn++) {
    const before = await busy(cdp);
    await turns[turn % turns.length]?.();
    await code.page.waitForTimeout(60);
    times.push((await busy(cdp)) - before);
  }
  return times;
}

async function busy(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const seconds = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return (seconds('ScriptDuration') + seconds('LayoutDuration') + seconds('RecalcStyleDuration')) * 1000;
}
