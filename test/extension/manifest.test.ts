import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  COMPARE_COMMAND,
  EXPORT_COMMAND,
  PREVIEW_COMMAND,
  SHOW_REFERENCES_COMMAND,
} from '../../src/language/protocol.js';
import { frameworkNames } from '../../src/network/frameworks.js';
import { VIEW_TYPE } from '../../src/preview/protocol.js';
import { filesIn, read, sourcesIn } from './files.js';

const manifest = JSON.parse(read('package.json'));
const { contributes } = manifest;
const words: Readonly<Record<string, string>> = JSON.parse(read('package.nls.json'));
const bundles = read('esbuild.js');
const sources = Object.values({ ...sourcesIn('src/extension'), ...sourcesIn('src/language/server') }).join('\n');

/** What `%key%` says. */
const said = (text: string): string => words[/^%(.*)%$/.exec(text)?.[1] ?? ''] ?? '';

/** Every text in the manifest. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
}

const texts = textsIn([contributes, manifest.icon, manifest.main, manifest.browser, manifest.l10n]);
const paths = [...new Set(texts.filter((text) => /^(\.\/)?(images|language|syntaxes|dist|l10n)\b/.test(text)))];

interface Command {
  readonly command: string;
  readonly title: string;
  readonly category: string;
  readonly when?: string;
  readonly enablement?: string;
}
const commands: readonly Command[] = contributes.commands;
const names = commands.map(({ command }) => command).sort();
const settings: readonly (readonly [string, Record<string, unknown>])[] = contributes.configuration.flatMap(
  ({ properties }: { properties: object }) => Object.entries(properties),
);

describe('the manifest', () => {
  it.each(paths)('names %s, which exists or is built', (path) => {
    const plain = path.replace('./', '');
    const stem = plain.replace(/\.\w+$/, '');
    expect(
      plain.startsWith('dist/')
        ? bundles.includes(`'${plain}'`) || bundles.includes(`'${stem}'`)
        : existsSync(new URL(`../../${plain}`, import.meta.url)),
    ).toBe(true);
  });

  it.each([...paths, manifest.bin.convnet, 'examples/lenet.convnet', 'package.nls.de.json'])('packages %s', (path) => {
    const packaged = read('.vscodeignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => new RegExp(`^${line.slice(1).replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`));
    const plain = path.replace('./', '');
    const files = plain.includes('.') ? [plain] : filesIn(plain);
    for (const file of files) expect(packaged.some((pattern) => pattern.test(file))).toBe(true);
  });

  it('names the files it should', () => expect(paths.length).toBeGreaterThan(20));

  it('shows no picture that it does not name', () => {
    const shown = filesIn('images/walkthrough');
    expect(shown.filter((path) => !paths.includes(path))).toEqual([]);
  });

  it('wakes the extension to bring its panel back', () =>
    expect(manifest.activationEvents).toContain(`onWebviewPanel:${VIEW_TYPE}`));
});

describe('commands', () => {
  it('are those that are registered, all of them and no others', () => {
    const constants: Record<string, string> = {
      COMPARE_COMMAND,
      EXPORT_COMMAND,
      PREVIEW_COMMAND,
      SHOW_REFERENCES_COMMAND,
    };
    for (const [, name = '', value = ''] of sources.matchAll(/const ([A-Z_]+) = '(convnet\.\w+)'/g))
      constants[name] = value;
    const registered = [...sources.matchAll(/registerCommand\(\s*(?:'([\w.]+)'|(\w+))/g)].map(
      ([, text, constant = '']) => text ?? constants[constant],
    );
    expect(registered.sort()).toEqual(names);
  });

  it('have a title that is translated, and the one category', () => {
    for (const { title, category } of commands) {
      expect(said(title)).toMatch(/^[A-Z]/);
      expect(category).toBe('ConvNet');
    }
  });

  it('are the only ones in menus, by keys and in texts', () => {
    const offered = [...Object.values<Command[]>(contributes.menus).flat(), ...contributes.keybindings].map(
      ({ command }) => command,
    );
    const linked = Object.values(words).flatMap((text) =>
      [...text.matchAll(/command:(convnet\.\w+)(?!\.)\b/g)].map(([, command]) => command),
    );
    const views = Object.values<{ id: string }[]>(contributes.views).flat();
    for (const command of [...offered, ...linked]) expect([...names, ...views.map(({ id }) => id)]).toContain(command);
  });

  it('depend on nothing that is never set', () => {
    const conditions = [
      ...Object.values<Command[]>(contributes.menus).flat(),
      ...contributes.keybindings,
      ...commands,
      ...Object.values(contributes.views).flat(),
    ].flatMap(({ when = '', enablement = '' }) => [when, enablement]);
    const keys = conditions.flatMap((condition) => condition.match(/(?<!== '?)convnet\.\w+/g) ?? []);
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(sources).toContain(`'setContext', '${key}'`);
  });
});

describe('settings', () => {
  it.each(settings)('%s is described in words, with a default', (_, setting) => {
    expect(said(String(setting.description ?? setting.markdownDescription))).toMatch(/^[A-Z].*\.$/);
    expect(setting.default).toBeDefined();
  });

  it('are read by somebody, each of them', () => {
    const everything = Object.values(sourcesIn('src')).join('\n');
    // The language client reads it by itself.
    for (const [name] of settings.filter(([name]) => name !== 'convnet.trace.server'))
      expect(new RegExp(`\\b${name.split('.').at(-1)}\\b`).test(everything), name).toBe(true);
  });
});

describe('views', () => {
  it('are made by the extension, and have something to say when they are empty', () => {
    for (const { id } of Object.values<{ id: string }[]>(contributes.views).flat()) {
      expect(sources).toContain(`'${id}'`);
      expect(contributes.viewsWelcome.map(({ view }: { view: string }) => view)).toContain(id);
    }
  });
});

describe('tasks', () => {
  it('know every framework', () =>
    expect(contributes.taskDefinitions[0].properties.like.enum.toSorted()).toEqual([...frameworkNames].sort()));
});

describe('where it runs', () => {
  it('is everywhere: in browsers, on virtual file systems, and where nobody trusts the files', () => {
    expect(manifest.browser).toBe('./dist/browser/extension.js');
    expect(manifest.capabilities.virtualWorkspaces).toBe(true);
    expect(manifest.capabilities.untrustedWorkspaces.supported).toBe('limited');
    expect(said(manifest.capabilities.untrustedWorkspaces.description)).toContain('no tasks');
  });

  it('starts no program and tells nobody anything; VS Code runs the tasks, where files are trusted', () => {
    const beyond = /child_process|\bfetch\(|XMLHttpRequest|WebSocket|node:(https?|net)\b|telemetry/i;
    const all = Object.entries({ ...sourcesIn('src/extension'), ...sourcesIn('src/language') });
    const paths = (pattern: RegExp) => all.filter(([, source]) => pattern.test(source)).map(([path]) => path);
    expect(paths(beyond)).toEqual([]);
    expect(paths(/new (Process|Shell)Execution/)).toEqual(['src/extension/check-tasks.ts']);
    expect(read('src/extension/check-tasks.ts')).toContain('if (!workspace.isTrusted) return [];');
  });
});

describe('the walkthrough', () => {
  const steps: readonly { completionEvents: string[] }[] = contributes.walkthroughs[0].steps;

  it('is done step by step: each ends with something that can happen', () => {
    for (const { completionEvents } of steps) {
      expect(completionEvents.length).toBeGreaterThan(0);
      for (const event of completionEvents) {
        const [, kind, id = ''] = /^(onCommand|onView):(.*)$/.exec(event) ?? [];
        expect(kind).toBeDefined();
        if (kind === 'onCommand' && id.startsWith('convnet.')) expect(names).toContain(id);
      }
    }
  });
});
