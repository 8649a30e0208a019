import type { NetworkReport } from '../language/protocol.js';
import type { Shape } from '../network/shape.js';
import type { Wanted } from './worker-protocol.js';

/** Something on the screen that shows a layer's output. */
interface View {
  readonly layer: string;
  /** What it will ask of an output of this shape. */
  readonly asks: (shape: Shape) => Wanted;
}

/** What is on the screen: with a new output the worker sends at once what will be asked of it, instead of waiting for that. */
export class WantedViews {
  private readonly views = new Set<View>();

  /** Returns how to take it away again. */
  add(view: View): () => void {
    this.views.add(view);
    return () => this.views.delete(view);
  }

  /** What will be asked of the outputs of a network, by layer. */
  of({ network, facts }: Pick<NetworkReport, 'network' | 'facts'>): Readonly<Record<string, readonly Wanted[]>> {
    const shapes = new Map(network.layers.map(({ name }, index) => [name, facts[index]?.output]));
    const wanted: Record<string, Wanted[]> = {};
    for (const { layer, asks } of this.views) {
      const shape = shapes.get(layer);
      if (!shape) continue;
      wanted[layer] ??= [];
      wanted[layer].push(asks(shape));
    }
    return wanted;
  }
}
