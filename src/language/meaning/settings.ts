import * as diagnostics from '../../network/diagnostics.js';
import type { Network } from '../../network/network.js';
import type { Problem } from '../../network/problem.js';
import type { TrainingSettings } from '../../network/training.js';
import { trainingSettings } from '../../network/training-lines.js';
import type { Layer } from '../generated/ast.js';
import { at, type Place } from '../text/place.js';
import type { Frame } from './elaboration.js';
import { readText } from './evaluate.js';
import { type LineForm, TRAINING } from './forms.js';
import type { LineValues } from './line-values.js';

/** The lines of a network that are no layers: its weights, the names of its classes, how it is trained. Each stands once. */
export class NetworkSettings {
  weightsLine: Layer | null = null;
  trainingLine: Layer | null = null;
  private weightsFile: string | undefined;
  private labelsFile: string | undefined;
  private training: TrainingSettings | undefined;

  constructor(
    private readonly values: LineValues,
    private readonly report: (place: Place, problem: Problem, frame: Frame) => void,
  ) {}

  /** What they add to the network. */
  get said(): Pick<Network, 'weightsFile' | 'labelsFile' | 'training'> {
    return {
      ...(this.weightsFile !== undefined && { weightsFile: this.weightsFile }),
      ...(this.labelsFile !== undefined && { labelsFile: this.labelsFile }),
      ...(this.training && { training: this.training }),
    };
  }

  readFile(node: Layer, form: LineForm, name: 'weights' | 'labels', frame: Frame): void {
    const [value] = form.positional;
    if (value?.$type !== 'TextLiteral') return;
    if ((name === 'weights' ? this.weightsFile : this.labelsFile) !== undefined)
      this.report(at(node, 'kind'), diagnostics.repeatedValue(name, 'the network'), frame);
    else if (name === 'weights') {
      this.weightsFile = readText(value.text);
      this.weightsLine = node;
    } else this.labelsFile = readText(value.text);
  }

  readTraining(node: Layer, form: LineForm, frame: Frame): void {
    if (this.trainingLine) {
      this.report(at(node, 'kind'), diagnostics.repeatedValue(TRAINING, 'the network'), frame);
      return;
    }
    this.trainingLine = node;
    if (form.broken) return;
    const { lines, isWhole } = this.trainingLines(node, frame);
    if (!isWhole && node.body) return;
    const { source } = lines.dataset ?? {};
    if (typeof source !== 'string') {
      // Its lines may have been lost with a brace.
      if (frame.model.damage.lines.size === 0) this.report(at(node, 'kind'), diagnostics.missingDataset(), frame);
    } else this.training = trainingSettings(source, lines);
  }

  /** The values of each line of a `training` block, and whether all of them could be read. */
  private trainingLines(node: Layer, frame: Frame) {
    const lines: Record<string, Record<string, unknown>> = {};
    let isWhole = node.body !== undefined;
    for (const statement of node.body?.statements ?? []) {
      const line = statement.$type === 'Layer' ? frame.model.forms.get(statement) : undefined;
      if (
        statement.$type !== 'Layer' ||
        (line && line.target.type !== 'training line' && line.target.type !== 'unknown')
      ) {
        this.report(at(statement), diagnostics.notInTraining(), frame);
        isWhole = false;
        continue;
      }
      if (line?.target.type !== 'training line') {
        isWhole = false;
        continue;
      }
      const { word } = line.target;
      if (lines[word]) this.report(at(statement, 'kind'), diagnostics.repeatedValue(word, TRAINING), frame);
      const values = this.values.trainingLine(statement, line, word, frame);
      if (values) lines[word] = values;
      else isWhole = false;
    }
    return { lines, isWhole };
  }
}
