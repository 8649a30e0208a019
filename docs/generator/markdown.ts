/** A pipe in a cell would begin the next one. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => ':--'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');

export const fenced = (text: string, language = 'convnet'): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;

/** Paragraphs, without those that are empty. */
export const page = (...parts: readonly (string | undefined)[]): string =>
  `${parts.filter((part) => part !== undefined && part !== '').join('\n\n')}\n`;

/** Tells editors of the page where its text comes from. */
export const GENERATED = '<!-- Written by `npm run docs`: change what it is made from, not this file. -->';
