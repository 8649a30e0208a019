import { describe, expect, it } from 'vitest';
import { drawNetwork } from '../../src/drawing/scene.js';
import { markdownTable, standalonePage } from '../../src/preview/exports.js';
import { check } from '../network/build.js';

const checked = check([['conv', { filters: 6, kernel: 5 }], 'relu']);
const report = { ...checked, messages: [], expectations: [] };

describe('what leaves the panel', () => {
  it('is a Markdown table with a row a layer', () => {
    expect(markdownTable(report).split('\n')).toEqual([
      '| Layer | Kind | Output | Parameters | MACs | Sees |',
      '| --- | --- | ---: | ---: | ---: | ---: |',
      '| input | input | 32×32×3 | 0 | 0 | 1×1 |',
      '| conv1 | conv | 28×28×6 | 456 | 352,800 | 5×5 |',
      '| relu1 | relu | 28×28×6 | 0 | 0 | 5×5 |',
      '',
    ]);
  });

  it('is a page of its own, which loads nothing', () => {
    const page = standalonePage(report, drawNetwork(report), [{ layer: 'conv1', url: 'data:image/png;base64,AA==' }]);
    expect(page).toContain('<img alt="Activation maps of conv1" src="data:image/png;base64,AA==">');
    expect(page.match(/data-layer="/g)).toHaveLength(3);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script/);
  });
});
