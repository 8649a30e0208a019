import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver';
import { patiently } from '../../src/extension/patience.js';

describe('requests to the language server', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are answered as if nothing stood between', async () => {
    const stuck = vi.fn();
    const send = patiently(stuck, 1000);
    expect(await send('textDocument/hover', { line: 3 }, undefined, async (type, at) => [type, at])).toEqual([
      'textDocument/hover',
      { line: 3 },
    ]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(stuck).not.toHaveBeenCalled();
  });

  it('are given up when the server is stuck, and it is told', async () => {
    const stuck = vi.fn();
    const cancelled = vi.fn();
    const answer = patiently(stuck, 1000)('textDocument/hover', {}, undefined, (_type, _at, token) => {
      token?.onCancellationRequested(cancelled);
      return new Promise(() => {});
    });
    const failed = expect(answer).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(999);
    expect(stuck).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await failed;
    expect(stuck).toHaveBeenCalledWith('textDocument/hover', 1);
    expect(cancelled).toHaveBeenCalledOnce();
  });

  it('are cancelled when VS Code cancels them', async () => {
    const source = new CancellationTokenSource();
    const answer = patiently(vi.fn(), 1000)('x', {}, source.token as never, (_type, _at, token) => {
      return new Promise((resolve) => token?.onCancellationRequested(() => resolve('cancelled')));
    });
    source.cancel();
    expect(await answer).toBe('cancelled');
  });

  it('fail when the server says so', async () => {
    const failing = patiently(vi.fn(), 1000)('x', {}, undefined, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
  });
});
