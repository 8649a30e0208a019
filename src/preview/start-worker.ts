/** Starts a worker of the extension: a webview may do so only from a blob of its own. */
export async function startWorker(script: string, name: string): Promise<Worker> {
  const response = await fetch(script);
  const address = URL.createObjectURL(await response.blob());
  return new Worker(address, { name });
}
