import { writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { NodeReport } from '../../formats/format.js';
import { writeSafetensors } from '../../formats/safetensors.js';
import { type Configure, type ExitStatus, examples } from '../command.js';
import { importNetwork } from '../import-network.js';
import { painter } from '../style.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';

interface ImportOptions {
  readonly weights?: string;
  readonly output?: string;
}

export const configure: Configure = (command, terminal, exit) =>
  command
    .argument('<file>', 'a network of Caffe (.prototxt, .caffemodel), ONNX (.onnx) or Keras (.keras, .h5, .json)')
    .option('--weights <file>', 'its weights, where they lie in a file of their own: .caffemodel, .safetensors, .npz')
    .option('-o, --output <file>', 'write the text there, and the weights beside it; otherwise the text is printed')
    .addHelpText(
      'after',
      `\nA report says of every layer that could not be translated exactly what differs. Exit status: 1 where a layer is left\nout that the others depend on, 2 for wrong usage or a file that cannot be read.\n${examples(
        ['Read it', 'convnet import deploy.prototxt'],
        ['With its weights', 'convnet import deploy.prototxt --weights net.caffemodel -o net.convnet'],
      )}`,
    )
    .action(async (file: string, options: ImportOptions) => exit(await run(file, options, terminal)));

async function run(file: string, { weights: more, output }: ImportOptions, terminal: Terminal): Promise<ExitStatus> {
  const weightsFile = output && `${basename(output).replace(/\.convnet$/, '')}.safetensors`;
  const { source, report, weights } = await importNetwork(file, more ? [more] : [], weightsFile, terminal);
  if (output === undefined) terminal.out(source.text);
  else {
    await write(output, source.text, terminal);
    const written = [output];
    if (weights.size > 0 && weightsFile) {
      const beside = join(dirname(output), weightsFile);
      await write(beside, writeSafetensors(weights), terminal);
      written.push(beside);
    }
    terminal.out(`${written.join(' and ')} written\n`);
  }
  terminal.err(formatReport(report, painter(terminal)));
  return report.some(({ matters }) => matters) ? 1 : 0;
}

async function write(path: string, content: string | Uint8Array, terminal: Terminal): Promise<void> {
  try {
    await writeFile(resolve(terminal.cwd, path), content);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new UsageError(`${path} cannot be written: ${error.message}`);
  }
}

/** What was not translated exactly, and how many were. */
function formatReport(report: readonly NodeReport[], paint: ReturnType<typeof painter>): string {
  const count = (fidelity: NodeReport['fidelity']) => report.filter((node) => node.fidelity === fidelity).length;
  const lines = report
    .filter(({ fidelity }) => fidelity !== 'exact')
    .map(({ name, kind, fidelity, why, matters }) => {
      const word = fidelity === 'approximate' ? paint('dim', fidelity) : paint(matters ? 'red' : 'dim', 'left out');
      return `${word}  ${name} (${kind}): ${why}\n`;
    });
  const exact = count('exact');
  return `${lines.join('')}${exact} of ${report.length} ${report.length === 1 ? 'layer' : 'layers'} exact\n`;
}
