import type { NetworkReport } from '../language/protocol.js';
import type { SourceRange } from '../network/network.js';
import type { Place } from './protocol.js';

export const contains = (range: SourceRange, { file, line, character }: Place): boolean =>
  range.file === file &&
  (line > range.startLine || (line === range.startLine && character >= range.startCharacter)) &&
  (line < range.endLine || (line === range.endLine && character <= range.endCharacter));

export const onLine = (range: SourceRange, { file, line }: Place): boolean =>
  range.file === file && line >= range.startLine && line <= range.endLine;

/** The network the cursor is in. */
export const networkAt = (networks: readonly NetworkReport[], place: Place): NetworkReport | undefined =>
  networks.find(({ network }) => network.source && contains(network.source, place));

/**
 * The name of the layer the cursor is in: the one under it, or else the first on its line, so that it is found from the
 * comment behind it too.
 */
export function layerAt({ network }: NetworkReport, place: Place): string | undefined {
  const at = (test: (range: SourceRange, place: Place) => boolean) =>
    network.layers.find(({ source }) => source && test(source, place))?.name;
  return at(contains) ?? at(onLine);
}
