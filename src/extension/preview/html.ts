/** Where the page's files are, as addresses a webview may load. */
export interface PageResources {
  readonly script: string;
  readonly style: string;
  readonly worker: string;
  readonly training: string;
  /** The webview's own origin. */
  readonly cspSource: string;
  readonly nonce: string;
}

/**
 * The panel's page. Its policy allows nothing inline and no network: the one script, and what it imports, is let in by
 * its nonce, the workers are fetched from the extension and started from blobs (a webview may not load a worker from another
 * origin), and WebAssembly may be compiled.
 */
export function pageHtml({ script, style, worker, training, cspSource, nonce }: PageResources): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'wasm-unsafe-eval'`,
    `style-src ${cspSource}`,
    `img-src ${cspSource} blob: data:`,
    `connect-src ${cspSource}`,
    'worker-src blob:',
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ConvNet Preview</title>
<link rel="stylesheet" href="${style}">
<link rel="preload" as="fetch" href="${worker}" crossorigin>
</head>
<body>
<main id="preview" data-state="empty" data-run="0" data-worker="${worker}" data-training="${training}">
<p class="starting">Starting the preview…</p>
</main>
<script type="module" nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}

const NONCE_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export const createNonce = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => NONCE_ALPHABET[byte % NONCE_ALPHABET.length]).join(
    '',
  );
