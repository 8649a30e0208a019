import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import {
  createProtocolConnection,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node.js';
import { NETWORKS_NOTIFICATION, type NetworksMessage } from '../../src/language/protocol.js';
import { buildWhereStale } from '../../test/host/build.js';
import { root } from '../../test/host/repository.js';
import { flatNetwork, resNet152 } from '../networks.js';
import { type Summary, summary } from './statistics.js';

const RUNS = 25;
const WARM_UPS = 10;
const FILES = 100;
const PATIENCE_SECONDS = 60;

/** How long the language server takes to answer over the wire, as it ships, and what it takes of memory and disk. */
export async function run(): Promise<void> {
  buildWhereStale();
  const times: Record<string, Summary> = {};
  const server = await Server.start();
  try {
    await measure(server, 'ResNet-152 in blocks', resNet152, 'fc 1000', 'fc 1001', times);
    await measure(server, 'flat, 1,000 layers', flatNetwork(1000), 'leakyrelu 0.1', 'leakyrelu 0.2', times);
    console.table(times);
    const alone = await memoryWith(FILES);
    console.table({
      'server.cjs': `${size('dist/server.cjs')} KB`,
      'browser/server.js': `${size('dist/browser/server.js')} KB`,
      [`memory with ${FILES} files open`]: alone === undefined ? 'not known here' : `${alone} MB`,
    });
  } finally {
    server.stop();
  }
}

async function measure(
  server: Server,
  what: string,
  text: string,
  from: string,
  to: string,
  times: Record<string, Summary>,
): Promise<void> {
  const uri = `file:///bench/${what.replaceAll(/\W/g, '')}.convnet`;
  const textDocument = { uri };
  const edits = [text.replace(from, to), text];
  let written = 0;
  // A text that is the one before brings no diagnostics: each is another.
  const edit = () => server.write(uri, edits[written++ % 2] ?? text);
  const lines = text.split('\n');
  const conv = lines.findLastIndex((line) => /^\s*conv \d/.test(line));
  const at = (character: number) => ({ textDocument, position: { line: conv, character } });
  const column = (lines[conv]?.indexOf('conv') ?? 0) + 1;
  const beforeValues = (lines[conv]?.indexOf('stride') ?? 0) + 'stride '.length;
  const range = { start: { line: 0, character: 0 }, end: { line: 60, character: 0 } };
  await server.write(uri, text);
  const ask = (request: string, parameters: object) => () => server.ask(request, parameters);
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    completion: ask('textDocument/completion', at(column)),
    'completion of values': ask('textDocument/completion', at(Math.max(column, beforeValues))),
    hover: ask('textDocument/hover', at(column)),
    'inlay hints of 60 lines': ask('textDocument/inlayHint', { textDocument, range }),
    'code lenses': ask('textDocument/codeLens', { textDocument }),
    'semantic tokens': ask('textDocument/semanticTokens/full', { textDocument }),
    'refactorings, all tried': ask('textDocument/codeAction', {
      textDocument,
      range: { start: at(0).position, end: at(0).position },
      context: { diagnostics: [], only: ['refactor'] },
    }),
  };
  const writing: Written[] = [];
  for (let run = -WARM_UPS; run < RUNS; run++) {
    const written = await edit();
    if (run >= 0) writing.push(written);
  }
  times[`${what}: key → diagnostics`] = summary(writing.map(({ diagnostics }) => diagnostics));
  times[`${what}: key → networks, for the panel`] = summary(writing.map(({ networks }) => networks));
  for (const [name, request] of Object.entries(asked)) {
    const taken: number[] = [];
    for (let run = -WARM_UPS; run < RUNS; run++) {
      // What was asked before the edit is remembered: each request meets a text that is new.
      await edit();
      const start = performance.now();
      await request();
      if (run >= 0) taken.push(performance.now() - start);
    }
    times[`${what}: ${name}`] = summary(taken);
  }
}

/** The memory of a server of its own after it has checked many files, in MB; undefined where the system does not tell. */
async function memoryWith(files: number): Promise<number | undefined> {
  const server = await Server.start();
  try {
    const example = readFileSync(join(root, 'examples', 'mobilenet-v2.convnet'), 'utf8');
    for (let i = 0; i < files; i++) {
      const uri = `file:///bench/file${i}.convnet`;
      await server.write(uri, example);
      await server.ask('textDocument/inlayHint', {
        textDocument: { uri },
        range: { start: { line: 0, character: 0 }, end: { line: 60, character: 0 } },
      });
    }
    return server.memory();
  } finally {
    server.stop();
  }
}

const size = (file: string): string => (statSync(join(root, file)).size / 1000).toFixed(0);

/** When what was told of a text came, in milliseconds after it was sent. */
interface Written {
  readonly diagnostics: number;
  readonly networks: number;
}

/** A server in a process of its own. */
export class Server {
  private readonly versions = new Map<string, number>();
  private readonly diagnosedAt = new Map<string, number>();
  private readonly waiting = new Map<string, () => void>();

  private constructor(
    private readonly child: ChildProcess,
    readonly connection: ProtocolConnection,
  ) {
    connection.onNotification('textDocument/publishDiagnostics', ({ uri }: PublishDiagnosticsParams) => {
      this.diagnosedAt.set(uri, performance.now());
    });
    // Diagnostics come without the version they are of; the networks, which are told after them, have it.
    connection.onNotification(NETWORKS_NOTIFICATION, ({ uri, version }: NetworksMessage) => {
      if (version === this.versions.get(uri)) this.waiting.get(uri)?.();
    });
    connection.onRequest('client/registerCapability', () => null);
    connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => null));
  }

  static async start(): Promise<Server> {
    const child = spawn(execPath, [join(root, 'dist', 'server.cjs'), '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const reader = new StreamMessageReader(child.stdout);
    const connection = createProtocolConnection(reader, new StreamMessageWriter(child.stdin));
    const server = new Server(child, connection);
    connection.listen();
    await server.ask('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
    await connection.sendNotification('initialized', {});
    return server;
  }

  /** Opens a file or changes the whole of it, and waits for what is told of it. */
  async write(uri: string, text: string): Promise<Written> {
    const version = (this.versions.get(uri) ?? 0) + 1;
    this.versions.set(uri, version);
    this.diagnosedAt.delete(uri);
    const told = new Promise<void>((resolve) => this.waiting.set(uri, resolve));
    const textDocument = { uri, version, languageId: 'convnet', text };
    const start = performance.now();
    if (version === 1) await this.connection.sendNotification('textDocument/didOpen', { textDocument });
    else await this.connection.sendNotification('textDocument/didChange', { textDocument, contentChanges: [{ text }] });
    await inTime(told, `the networks of version ${version} of ${uri}`);
    const diagnosedAt = this.diagnosedAt.get(uri);
    if (diagnosedAt === undefined) throw new Error(`${uri} has networks, but no diagnostics`);
    return { diagnostics: diagnosedAt - start, networks: performance.now() - start };
  }

  ask(request: string, parameters: object): Promise<unknown> {
    return inTime(this.connection.sendRequest(request, parameters), `the answer to ${request}`);
  }

  memory(): number | undefined {
    const status = `/proc/${this.child.pid}/status`;
    if (!existsSync(status)) return undefined;
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1000);
  }

  stop(): void {
    this.connection.dispose();
    this.child.kill();
  }
}

function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`The server did not send ${what} within ${PATIENCE_SECONDS} s`);
    timer = setTimeout(() => reject(error), PATIENCE_SECONDS * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
