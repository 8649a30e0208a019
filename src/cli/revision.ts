import { execFile } from 'node:child_process';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { URI } from 'langium';
import { NodeFileSystemProvider } from 'langium/node';
import { type Checker, createChecker } from '../language/index.js';
import type { SourceFile } from './files.js';
import { UsageError } from './usage-error.js';

/** Networks as they were in a commit of git; what they import is read from the same commit. */

const run = promisify(execFile);

/** Larger files are no networks. */
const MOST_BYTES = 2 ** 28;

/** What git says where it cannot know what was meant, and what is said instead. */
type Explanations = readonly (readonly [pattern: RegExp, message: string])[];

async function git(cwd: string, args: readonly string[], known: Explanations = []): Promise<string> {
  try {
    return (await run('git', ['-C', cwd, ...args], { maxBuffer: MOST_BYTES })).stdout;
  } catch (error) {
    const { code, stderr = '' } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    if (code === 'ENOENT') throw new UsageError('git is not installed: name two files instead');
    const reason = stderr.split('\n')[0]?.replace(/^fatal: /, '') ?? '';
    throw new UsageError(
      known.find(([pattern]) => pattern.test(reason))?.[1] ?? `git: ${reason || 'it gives no reason'}`,
    );
  }
}

/** `HEAD~2:models/lenet.convnet`, a revision and a path from the top of the repository, or from here with `./`. */
export const isRevision = (argument: string): boolean => /^[^:]{2,}:[^:]+$/.test(argument);

export interface Revision {
  readonly source: SourceFile;
  /** One that reads imports from the commit. */
  readonly checker: Checker;
}

export async function readRevision(argument: string, cwd: string): Promise<Revision> {
  const colon = argument.indexOf(':');
  const [revision, path] = [argument.slice(0, colon), argument.slice(colon + 1)];
  // A name that begins with a dash would be taken for an option.
  const verify = ['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`];
  const commit = (await git(cwd, verify, [[/single revision/, `there is no commit ${revision}`]])).trim();
  const text = await git(
    cwd,
    ['show', `${commit}:${path}`],
    [[/exists on disk, but not in|does not exist in/, `the commit ${revision} has no file ${path}`]],
  );
  const isFromHere = /^\.\.?\//.test(path);
  const prefix = isFromHere ? (await git(cwd, ['rev-parse', '--show-prefix'])).trim() : '';
  const top = (await git(cwd, ['rev-parse', '--show-toplevel'])).trim();
  const uri = new URL(prefix + path, `file://${top.startsWith('/') ? '' : '/'}${top}/`).href;
  return { source: { name: argument, uri, text }, checker: createChecker(new CommitFiles(top, commit)) };
}

/** How a file is called in the last commit. */
export const lastCommitOf = (path: string): string => `HEAD:./${path.split(sep).join('/')}`;

class CommitFiles extends NodeFileSystemProvider {
  constructor(
    private readonly top: string,
    private readonly commit: string,
  ) {
    super();
  }

  override async readFile(uri: URI): Promise<string> {
    const path = relative(this.top, fileURLToPath(uri.toString()));
    return git(this.top, ['show', `${this.commit}:${path.split(sep).join('/')}`]);
  }
}
