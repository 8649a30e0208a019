import { strictRules } from '../../../network/frameworks.js';
import {
  type TrainingWord,
  trainingAttributes,
  trainingLines,
  trainingWords,
} from '../../../network/training-lines.js';
import { attributeDoc } from './markdown.js';

/** A line of a `training` block: what it says, an example, and its values. */
export function trainingDoc(word: TrainingWord): string {
  const { summary, example } = trainingLines[word];
  const attributes = Object.entries(trainingAttributes(word)).map(([name, attribute]) =>
    attributeDoc(name, attribute, strictRules, {}),
  );
  return [`**${word}** — ${summary}`, `\`\`\`convnet\n${example}\n\`\`\``, ...attributes].join('\n\n');
}

/** The block as a whole. */
export const trainingBlockDoc = (): string =>
  [
    '**training** — how the network learns, with `convnet train` or in the panel. One word a line:',
    trainingWords.map((word) => `- \`${word}\`: ${trainingLines[word].summary}`).join('\n'),
  ].join('\n\n');
