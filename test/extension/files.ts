import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The files in a folder of the repository and in those below it. */
export const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
    (name) => `${folder}/${name.split(sep).join('/')}`,
  );

/** The text of every TypeScript file in a folder, by its path. */
export const sourcesIn = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    filesIn(folder)
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => [path, read(path)]),
  );
