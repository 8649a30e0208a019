import './export-menu.css';
import { useRef, useState } from 'preact/hooks';
import { networkSvg } from '../../drawing/svg.js';
import { networkTikz } from '../../drawing/tikz.js';
import type { NetworkReport } from '../../language/protocol.js';
import { type MapStrip, markdownTable, standalonePage } from '../exports.js';
import { send } from '../host.js';
import { isVector } from '../layout.js';
import type { PreviewModel } from '../model.js';
import { useModel } from './context.js';
import { sheetOf } from './paint.js';

/** Maps of a layer that go into a page. */
const MAPS_OF_STRIP = 8;
/** Layers whose maps go into a page. */
const MOST_STRIPS = 300;

const save = (name: string, text: string) => send({ type: 'save', name, bytes: new TextEncoder().encode(text) });

/** The network as a file, or as a table in the clipboard. */
export function ExportMenu({ report }: { readonly report: NetworkReport }) {
  const model = useModel();
  const details = useRef<HTMLDetailsElement>(null);
  const [busy, setBusy] = useState(false);
  const { name } = report.network;
  const scene = model.graph.scene.value;
  if (!scene) return null;
  const entries: Readonly<Record<string, () => void | Promise<void>>> = {
    'Drawing as SVG…': () => save(`${name}.svg`, networkSvg(report, scene)),
    'Drawing as TikZ…': () => save(`${name}.tex`, networkTikz(report, scene)),
    'Page as HTML…': async () => save(`${name}.html`, standalonePage(report, scene, await stripsOf(report, model))),
    'Copy as Markdown table': () => send({ type: 'copy', text: markdownTable(report) }),
  };
  const choose = async (run: () => void | Promise<void>) => {
    if (details.current) details.current.open = false;
    setBusy(true);
    await run();
    setBusy(false);
  };
  return (
    <details
      ref={details}
      class="menu"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && details.current) details.current.open = false;
      }}
    >
      <summary aria-busy={busy}>Export</summary>
      <ul>
        {Object.entries(entries).map(([title, run]) => (
          <li key={title}>
            <button type="button" onClick={() => choose(run)}>
              {title}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The first maps of each layer as they are on the screen. */
async function stripsOf({ network }: NetworkReport, model: PreviewModel): Promise<MapStrip[]> {
  const strips: MapStrip[] = [];
  for (const { name } of network.layers.slice(0, MOST_STRIPS)) {
    const output = model.output(name).peek();
    if (!output || isVector(output.shape)) continue;
    const channels = Array.from({ length: Math.min(MAPS_OF_STRIP, output.shape.channels) }, (_, channel) => channel);
    const request = { channels, contrast: model.contrast.peek(), scheme: model.scheme.peek(), longest: 48 };
    const pictures = await model.engine.ask('maps', { version: output.version, ...request });
    if (pictures) strips.push({ layer: name, url: sheetOf(pictures, MAPS_OF_STRIP).toDataURL() });
  }
  return strips;
}
