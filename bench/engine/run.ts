import { parseArgs } from 'node:util';
import { raceWithPeers } from './peer-race.js';

const places = ['node', 'newer node', 'chromium'] as const;

/** `--only vgg16,lenet`, `--in chromium`, `--quick`: fewer rounds. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, in: { type: 'string' }, quick: { type: 'boolean', default: false } },
  });
  const only = values.only?.split(',') ?? [];
  const chosen = places.filter((place) => (values.in ?? places.join(',')).split(',').includes(place));
  await raceWithPeers({ only, places: chosen, quick: values.quick });
}
