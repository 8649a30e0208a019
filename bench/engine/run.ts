import { parseArgs } from 'node:util';
import { layerReport } from './layers.js';
import { compareNumbers } from './numbers.js';
import { raceWithPeers } from './peer-race.js';
import { shareReport } from './workers.js';

const places = ['node', 'newer node', 'chromium'] as const;

/**
 * `--only vgg16,lenet`: these examples; `--in node,chromium`: not in the newer Node; `--quick`: fewer rounds. `--layers`: each
 * layer's share instead of the peers; `--numbers`: how right whole networks are instead of how fast;
 * `--workers`: two workers beside one.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      in: { type: 'string' },
      quick: { type: 'boolean', default: false },
      layers: { type: 'boolean' },
      numbers: { type: 'boolean' },
      workers: { type: 'boolean' },
    },
  });
  const only = values.only?.split(',') ?? [];
  const chosen = places.filter((place) => (values.in ?? places.join(',')).split(',').includes(place));
  if (values.numbers) return compareNumbers(only);
  if (values.layers) return layerReport(only);
  if (values.workers) return shareReport(only);
  await raceWithPeers({ only, places: chosen, quick: values.quick });
}
