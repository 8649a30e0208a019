import { AstUtils } from 'langium';
import { CodeActionKind } from 'vscode-languageserver-types';
import type { Value } from '../../network/values.js';
import { lastArgument } from '../findings/edits.js';
import { type Block, type Body, type Entry, type Expression, type If, isIf, type Layer } from '../generated/ast.js';
import { valueIn } from '../meaning/constants.js';
import { literalValue } from '../meaning/evaluate.js';
import type { FileModel } from '../meaning/model.js';
import { at } from '../text/place.js';
import type { Refactoring, Request } from './refactoring.js';
import { asOperand, freeName, inPlaceOf, type Patch, patchAt, rewrite, textOf } from './rewrite.js';

/** A call becomes the lines of its block, its arguments in the place of the parameters. */
export const inlineBlock: Refactoring = {
  kind: CodeActionKind.RefactorInline,
  propose(request) {
    const { document, analysis, analyzer, selection } = request;
    const [call, more] = selection?.statements ?? [];
    if (call?.$type !== 'Layer' || !call.$cstNode || more) return [];
    const found = analyzer.declaration(analysis.model, call.kind);
    if (found?.node.$type !== 'Block' || analysis.model.forms.get(call)?.target.type !== 'block') return [];
    const statements = new Inliner(request, call, found.node, found.model).statements();
    if (statements === undefined) return [];
    const { textDocument } = document;
    const { offset, end } = call.$cstNode;
    const range = { start: textDocument.positionAt(offset), end: textDocument.positionAt(end) };
    const newText = inPlaceOf(textDocument.getText(), offset, end, statements);
    return [{ title: `Inline ${call.kind}`, keeps: 'layers', edits: [{ range, newText }] }];
  },
};

class Inliner {
  private readonly patches: Patch[] = [];
  private readonly text: string;
  /** What is known of the parameters where only the call is looked at. */
  private readonly values = new Map<string, Value | undefined>();

  constructor(
    private readonly request: Request,
    private readonly call: Layer,
    private readonly block: Block,
    private readonly model: FileModel,
  ) {
    this.text = model.root.$cstNode?.root.fullText ?? '';
  }

  /** The lines of the block as they stand in its caller; undefined where they cannot. */
  statements(): string | undefined {
    if (!this.putArguments() || !this.putWiring()) return undefined;
    return this.inside(this.block.body);
  }

  private putArguments(): boolean {
    const { block, call, model, request } = this;
    const given = argumentsOf(request.analysis.model.forms.get(call)?.entries ?? [], block);
    for (const parameter of block.parameters) {
      const argument = given.get(parameter.name) ?? parameter.value;
      if (!argument) return false;
      this.values.set(parameter.name, literalValue(argument));
      for (const { place, declaration } of model.bindings) {
        if (declaration !== parameter) continue;
        const isWhole = place.node.$container?.$type === 'Entry';
        this.patches.push(...patchAt(place, isWhole ? textOf(argument) : asOperand(argument)));
      }
    }
    return true;
  }

  /** The call's name and `expect` go to the last line, what it reads to the first; names that are taken change. */
  private putWiring(): boolean {
    const { block, call, model, request } = this;
    const { model: callers } = request.analysis;
    const own = request.selection && callers.labels.get(request.selection.owner);
    const taken = new Set([...(own?.keys() ?? []), ...(model.labels.get(block)?.keys() ?? [])]);
    const first = block.body.statements[0];
    const last = block.body.statements.at(-1);
    const labels = new Map<string, string>();
    for (const name of model.labels.get(block)?.keys() ?? []) {
      if (!own?.has(name)) continue;
      const other = freeName(name, (candidate) => taken.has(candidate));
      taken.add(other);
      labels.set(name, other);
    }
    const isRead = callers.bindings.some(({ declaration }) => declaration === call);
    if (call.label !== undefined && last?.$type === 'Layer') {
      if (last.label !== undefined) labels.set(last.label, call.label);
      else this.patches.push(...insertAt(last.$cstNode?.offset, `${call.label}: `));
    } else if (isRead) return false;
    for (const [name, layers] of model.labels.get(block) ?? []) {
      const other = labels.get(name);
      if (other === undefined) continue;
      for (const layer of layers) this.patches.push(...patchAt(at(layer, 'label'), other));
      for (const { place, declaration } of model.bindings)
        if (declaration.$type === 'Layer' && layers.includes(declaration)) this.patches.push(...patchAt(place, other));
    }
    const from = callers.forms.get(call)?.from;
    if (from) {
      if (first?.$type !== 'Layer' || model.forms.get(first)?.from) return false;
      this.patches.push(...insertAt(lastArgument(first)?.end, ` from ${from.map(textOf).join(', ')}`));
    }
    if (call.expectations.length === 0) return true;
    if (last?.$type !== 'Layer' || last.body) return false;
    this.patches.push(...insertAt(last.$cstNode?.end, ` ${call.expectations.map(textOf).join(' ')}`));
    return true;
  }

  /** What stands between the braces of a body, with conditions that the arguments decide worked out. */
  private inside(body: Body | undefined): string {
    const cst = body?.$cstNode;
    if (!body || !cst) return '';
    const decided = AstUtils.streamAllContents(body)
      .filter(isIf)
      .flatMap((node) => {
        const text = node.$containerProperty === 'elseIf' ? undefined : this.decide(node);
        return text === undefined ? [] : patchAt(at(node), text);
      });
    return rewrite(this.text, cst.offset + 1, cst.end - 1, [...this.patches, ...decided]).trim();
  }

  private decide({ condition, then, otherwise, elseIf }: If): string | undefined {
    const value = condition && valueIn(condition, this.values, this.model, this.request.analyzer);
    if (value?.type !== 'boolean') return undefined;
    if (value.value) return this.inside(then);
    if (!elseIf) return this.inside(otherwise);
    const cst = elseIf.$cstNode;
    return this.decide(elseIf) ?? (cst ? rewrite(this.text, cst.offset, cst.end, this.patches) : undefined);
  }
}

function argumentsOf(entries: readonly Entry[], { parameters }: Block): ReadonlyMap<string, Expression> {
  const given = new Map<string, Expression>();
  let position = 0;
  for (const { name = parameters[position++]?.name, value } of entries)
    if (name !== undefined && value) given.set(name, value);
  return given;
}

const insertAt = (offset: number | undefined, text: string): readonly Patch[] =>
  offset === undefined ? [] : [{ offset, end: offset, text }];
