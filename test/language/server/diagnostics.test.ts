import { expect, it } from 'vitest';
import type { CodeAction, PublishDiagnosticsParams } from 'vscode-languageserver';
import { type Client, connect } from './client.js';

/** What the client is told of a text. */
async function told(client: Client, name: string, text: string) {
  let last: PublishDiagnosticsParams | undefined;
  client.connection.onNotification('textDocument/publishDiagnostics', (published: PublishDiagnosticsParams) => {
    if (published.uri.endsWith(`/${name}`)) last = published;
  });
  const uri = await client.write(name, text);
  await expect.poll(() => last?.uri).toBe(uri);
  return { uri, diagnostics: last?.diagnostics ?? [] };
}

it('a diagnostic leads to the other places that it speaks of, and to its page', async () => {
  const text = 'block Half {\n  conv 4 2x2 stride 2\n}\nnetwork N {\n  input 7x7x3\n  Half\n}\n';
  const { uri, diagnostics } = await told(await connect(), 'n.convnet', text);
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]).toMatchObject({ code: 'does-not-fit', range: { start: { line: 1 } } });
  expect(diagnostics[0]?.codeDescription?.href).toMatch(/diagnostics\.md#does-not-fit$/);
  const related = diagnostics[0]?.relatedInformation ?? [];
  // The use that does not fit.
  expect(related.map(({ location }) => [location.uri, location.range.start.line])).toContainEqual([uri, 5]);
});

it('what is unused is told as such, so that an editor fades it', async () => {
  const text = 'const gone = 3\nnetwork N {\n  input 7x7x3\n  conv 4 3x3\n}\n';
  const { diagnostics } = await told(await connect(), 'n.convnet', text);
  // DiagnosticTag.Unnecessary
  expect(diagnostics).toMatchObject([{ range: { start: { line: 0, character: 6 } }, tags: [1] }]);
});

it('what is offered at a place can be looked at before it is done: each action brings its edits', async () => {
  const client = await connect();
  const text =
    'block Half(k) {\n  conv k 2x2 stride 2\n}\nnetwork N {\n  input 7x7x3\n  Half(4); relu\n  conv 4 3x3\n  conv 4 3x3\n}\n';
  const { uri, diagnostics } = await told(client, 'n.convnet', text);
  const ask = async (line: number, only: string) => {
    const at = { line, character: 2 };
    const actions = await client.connection.sendRequest<CodeAction[] | null>('textDocument/codeAction', {
      textDocument: { uri },
      range: { start: at, end: at },
      context: { diagnostics, only: [only] },
    });
    return actions ?? [];
  };
  const offered = [...(await ask(1, 'quickfix')), ...(await ask(6, 'refactor'))];
  expect(offered.map(({ kind = '' }) => kind.split('.')[0])).toEqual(expect.arrayContaining(['quickfix', 'refactor']));
  for (const { title, edit, command } of offered)
    expect({ title, edits: edit?.changes?.[uri]?.length, command }).toEqual({
      title,
      edits: expect.any(Number),
      command: undefined,
    });
});

it.each([
  ['come after the networks of a panel where these are small', 20, true],
  ['come before networks that take a while to be told', 200, false],
])('diagnostics %s', async (_, layers, isToldBefore) => {
  const client = await connect();
  const uri = 'file:///workspace/n.convnet';
  const networksThen: boolean[] = [];
  client.connection.onNotification('textDocument/publishDiagnostics', () => {
    networksThen.push(client.networks(uri) !== undefined);
  });
  await client.write('n.convnet', `network N {\n  input 7x7x3\n${'  relu\n'.repeat(layers)}}\n`);
  await expect.poll(() => networksThen).toEqual([isToldBefore]);
});
