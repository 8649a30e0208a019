import { describe, expect, it } from 'vitest';
import { createNonce, pageHtml } from '../../src/extension/preview/html.js';

const html = pageHtml({
  script: 'https://file.example/panel.js',
  style: 'https://file.example/panel.css',
  worker: 'https://file.example/worker.js',
  training: 'https://file.example/training.js',
  cspSource: 'https://*.example',
  nonce: 'abc',
});
const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';

describe("the panel's page", () => {
  it('allows nothing that is not named', () => expect(policy.split('; ')).toContain("default-src 'none'"));

  it('allows one script, by its nonce, nothing inline and no eval', () => {
    expect(policy).toContain("script-src 'nonce-abc' 'wasm-unsafe-eval';");
    expect(policy).not.toMatch(/'unsafe-inline'|'unsafe-eval'/);
    expect(html.match(/<script\b[^>]*>/g)).toEqual([
      '<script type="module" nonce="abc" src="https://file.example/panel.js">',
    ]);
    expect(html).not.toMatch(/\bon\w+=|<style|style=/);
  });

  it('may load a worker from a blob only, and connect to its own origin only', () => {
    expect(policy).toContain('worker-src blob:');
    expect(policy).toContain('connect-src https://*.example;');
  });

  it('is not blank before its script runs', () => expect(html).toContain('Starting the preview'));

  it('has a fresh nonce each time', () => {
    const nonces = Array.from({ length: 50 }, createNonce);
    expect(new Set(nonces).size).toBe(50);
    for (const nonce of nonces) expect(nonce).toMatch(/^[A-Za-z0-9]{32}$/);
  });
});
