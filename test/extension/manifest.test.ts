import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VIEW_TYPE } from '../../src/preview/protocol.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const manifest = JSON.parse(read('package.json'));
const bundles = read('esbuild.js');

/** Every text in the manifest that is the path of a file. */
function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') return /^(\.\/)?(images|language|syntaxes|dist)\//.test(value) ? [value] : [];
  return value && typeof value === 'object' ? Object.values(value).flatMap(pathsIn) : [];
}

const paths = [...new Set(pathsIn([manifest.contributes, manifest.icon, manifest.main, manifest.browser]))];

describe('the manifest', () => {
  it.each(paths)('names %s, which exists or is built', (path) => {
    const plain = path.replace('./', '');
    expect(plain.startsWith('dist/') ? bundles.includes(`'${plain}'`) : existsSync(new URL(plain, root))).toBe(true);
  });

  it('names the files it should', () => expect(paths.length).toBeGreaterThan(10));

  it('wakes the extension to bring its panel back', () =>
    expect(manifest.activationEvents).toContain(`onWebviewPanel:${VIEW_TYPE}`));

  it('describes every setting in words, with a default', () => {
    for (const setting of Object.values<Record<string, unknown>>(manifest.contributes.configuration.properties)) {
      expect(setting.description ?? setting.markdownDescription).toMatch(/^[A-Z].*\.$/);
      expect(setting.default).toBeDefined();
    }
  });

  it('offers in menus and by keys only commands that it has', () => {
    const commands = manifest.contributes.commands.map(({ command }: { command: string }) => command);
    const { menus, keybindings } = manifest.contributes;
    for (const { command } of [...Object.values<{ command: string }[]>(menus).flat(), ...keybindings])
      expect(commands).toContain(command);
  });
});
