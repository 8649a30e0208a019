import { expect, it } from 'vitest';
import { lsp, open, textAt } from './driver.js';

it('leads from an import to its file, and nowhere where there is no file', async () => {
  const opened = await open('import B from "./blocks.convnet"\nnetwork N {\n input 8x8x3 sample "scene.png"\n B\n}', {
    'blocks.convnet': 'block B {\n relu\n}',
  });
  const links = (await lsp.DocumentLinkProvider?.getDocumentLinks(opened.document, opened)) ?? [];
  expect(links.map(({ range }) => textAt(opened, range))).toEqual(['"./blocks.convnet"']);
  expect(links[0]?.target).toMatch(/\/blocks\.convnet$/);
});
