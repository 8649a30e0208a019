import type { AnalysedNetwork, CheckedFile, Finding } from '../language/index.js';
import { UsageError } from './usage-error.js';

/**
 * The errors of the file, but for those in its other networks. A false `expect` is the text's affair: the network runs.
 */
export function errorsThatStop(file: CheckedFile, network: AnalysedNetwork): readonly Finding[] {
  const others = file.networks.filter((other) => other !== network).flatMap(({ findings }) => findings);
  const elsewhere = new Set(others.filter((finding) => !network.findings.includes(finding)));
  return file.findings.filter(
    (finding) => finding.severity === 'error' && finding.code !== 'expectation-failed' && !elsewhere.has(finding),
  );
}

/** The network of a file that the user means: the first, where none is named. */
export function chooseNetwork(
  networks: readonly AnalysedNetwork[],
  name: string | undefined,
  file: string,
): AnalysedNetwork {
  const [first] = networks;
  if (!first) throw new UsageError(`${file} has no network`);
  const found = name === undefined ? first : networks.find(({ network }) => network.name === name);
  if (found) return found;
  const names = networks.map(({ network }) => network.name).join(', ');
  throw new UsageError(`${file} has no network called ${name}; it has ${names}`);
}
