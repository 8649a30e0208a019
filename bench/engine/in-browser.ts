import { createReadStream } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { findBrowser, HOW_TO_GET_A_BROWSER, launchBrowser } from '../../test/host/browser.js';
import { root } from '../../test/host/repository.js';
import { peersFolder } from './peers/install.js';
import type { Race, Result } from './race.js';

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Races in a Web Worker of a Chromium without a window; a new page for each. */
export async function raceInBrowser<T>(
  races: (run: (race: Race) => Promise<readonly Result[]>) => Promise<T>,
): Promise<T> {
  const executable = findBrowser();
  if (!executable) throw new Error(HOW_TO_GET_A_BROWSER);
  const server = await serve();
  const browser = await launchBrowser(executable);
  try {
    return await races(async (race) => {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const results = await page.evaluate(
        (message) =>
          new Promise<readonly Result[]>((resolve, reject) => {
            const worker = new Worker('/worker.js');
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = ({ message }) => reject(new Error(message));
            worker.postMessage(message);
          }),
        race,
      );
      await page.close();
      return results;
    });
  } finally {
    await browser.close();
    server.close();
  }
}

/** The page, its worker, and the peers' files. */
async function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path === '/') {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>bench</title>');
      return;
    }
    const file = path.startsWith('/peers/')
      ? join(peersFolder, path.slice('/peers/'.length))
      : join(root, 'build', 'bench', 'engine', 'in-worker.js');
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    createReadStream(file)
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
