import fc from 'fast-check';

/**
 * Texts without a mistake in which everything occurs that refactorings and renaming meet: constants, blocks with parameters,
 * repeats with and without a variable, conditions, branches, layers with names and wires to them. Every layer keeps height
 * and width, so that any two can be concatenated.
 */
export const networkTexts: fc.Arbitrary<string> = fc
  .array(fc.nat(9999), { minLength: 8, maxLength: 60 })
  .map((choices) => new Writer(choices).file());

class Writer {
  private taken = 0;
  private named = 0;
  private readonly blocks: { readonly name: string; readonly parameters: number }[] = [];

  constructor(private readonly choices: readonly number[]) {}

  private choose(below: number): number {
    return (this.choices[this.taken++ % this.choices.length] ?? 0) % below;
  }

  file(): string {
    const lines = ['const wide = 8', ''];
    for (let block = 1 + this.choose(2); block > 0; block--) {
      const parameters = this.choose(3);
      const name = `Block${this.blocks.length + 1}`;
      const list = ['filters', 'times = 2'].slice(0, parameters);
      const words = ['filters', '(2 * times)'].slice(0, parameters);
      const body = this.body(2 + this.choose(3), 1, words, []);
      lines.push(`block ${name}${list.length > 0 ? `(${list.join(', ')})` : ''} {`, ...body, '}', '');
      this.blocks.push({ name, parameters });
    }
    lines.push('network Net {', '  input 16x16x4', ...this.body(3 + this.choose(6), 1, [], []), '}', '');
    return lines.join('\n');
  }

  /** Statements, a line or more each. `numbers` are words that stand for whole numbers, `names` layers that can be read. */
  private body(count: number, depth: number, numbers: readonly string[], names: string[]): string[] {
    return Array.from({ length: count }, () => this.statement(depth, numbers, names)).flat();
  }

  private statement(depth: number, numbers: readonly string[], names: string[]): string[] {
    const indent = '  '.repeat(depth);
    const inner = (more: readonly string[] = [], deeper = 1) =>
      this.body(1 + this.choose(2), depth + deeper, [...numbers, ...more], [...names]);
    // None hides another.
    const i = `i${depth}`;
    const nested: (() => string[])[] = [
      () => [`${indent}repeat ${2 + this.choose(2)} {`, ...inner(), `${indent}}`],
      () => [`${indent}repeat ${i} in 1..${2 + this.choose(2)} {`, ...inner([i, `(4 * ${i})`]), `${indent}}`],
      () => [
        `${indent}concat {`,
        ...[0, 1].flatMap(() => [`${indent}  branch {`, ...inner([], 2), `${indent}  }`]),
        `${indent}}`,
      ],
      () => [`${indent}if ${this.number(numbers)} > 3 {`, ...inner(), `${indent}} else {`, ...inner(), `${indent}}`],
    ];
    const call = () => {
      const block = this.blocks[this.choose(this.blocks.length)];
      const list = Array.from({ length: block?.parameters ?? 0 }, () => this.argument(numbers));
      return [`${indent}${block?.name}${list.length > 0 ? `(${list.join(', ')})` : ''}`];
    };
    const flat: (() => string[])[] = [
      () => [`${indent}conv ${this.number(numbers)} 3x3 pad 1`],
      () => [`${indent}conv ${this.number(numbers)} 1x1 bias false; batchnorm; relu`],
      () => [`${indent}relu`],
      () => [`${indent}maxpool 3x3 stride 1 pad 1 // keeps the size`],
      () => {
        const name = `layer${++this.named}`;
        const lines = [`${indent}${name}: conv ${this.number(numbers)} 3x3 pad 1`];
        names.push(name);
        return lines;
      },
      () => [`${indent}concat from ${names[this.choose(names.length)] ?? 'previous'}, previous`],
    ];
    const kind = this.choose(10);
    if (kind < 4 && this.blocks.length > 0) return call();
    if (kind < 7 && depth < 3) return nested[this.choose(nested.length)]?.() ?? [];
    const repeated = flat[this.choose(names.length > 0 ? flat.length : flat.length - 1)]?.() ?? [];
    // The same several times in a row, to be folded.
    return kind === 9 && !repeated[0]?.includes(':') ? [...repeated, ...repeated, ...repeated] : repeated;
  }

  private number(numbers: readonly string[]): string {
    const all = [...numbers, 'wide', '(wide + 2)', '4', '6'];
    return all[this.choose(all.length)] ?? '4';
  }

  private argument(numbers: readonly string[]): string {
    return this.number(numbers).replace(/^\((.*)\)$/, '$1');
  }
}
