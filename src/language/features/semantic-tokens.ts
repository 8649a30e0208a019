import type { LangiumDocument } from 'langium';
import {
  AllSemanticTokenModifiers,
  AllSemanticTokenTypes,
  DefaultSemanticTokenOptions,
  type SemanticTokenProvider,
} from 'langium/lsp';
import type { SemanticTokensParams, SemanticTokensRangeParams } from 'vscode-languageserver';
import {
  type Range,
  SemanticTokenModifiers,
  type SemanticTokens,
  SemanticTokenTypes,
} from 'vscode-languageserver-types';
import type { Analysis } from '../findings/analysis.js';
import type { Layer } from '../generated/ast.js';
import type { Declaration, LineForm } from '../meaning/forms.js';
import { at, rangeOf } from '../text/place.js';
import { analysisOf, type FeatureServices } from './feature.js';
import { type Occurrence, occurrencesOf } from './support/occurrences.js';

interface Token {
  readonly range: Range;
  readonly type: SemanticTokenTypes;
  readonly modifiers?: readonly SemanticTokenModifiers[];
}

const typesOfNames: Readonly<Record<Declaration['$type'], SemanticTokenTypes>> = {
  Block: SemanticTokenTypes.class,
  Const: SemanticTokenTypes.variable,
  ImportedName: SemanticTokenTypes.variable,
  Parameter: SemanticTokenTypes.parameter,
  LoopVariable: SemanticTokenTypes.variable,
  Layer: SemanticTokenTypes.property,
};

/** Colours that need to know what a word means: layers, attributes and blocks, parameters and constants. */
export class ConvNetSemanticTokens implements SemanticTokenProvider {
  readonly tokenTypes = AllSemanticTokenTypes;
  readonly tokenModifiers = AllSemanticTokenModifiers;
  readonly semanticTokensOptions = DefaultSemanticTokenOptions;

  constructor(private readonly services: FeatureServices) {}

  async semanticHighlight(document: LangiumDocument, _params: SemanticTokensParams): Promise<SemanticTokens> {
    return this.encode(await this.tokensOf(document));
  }

  async semanticHighlightRange(
    document: LangiumDocument,
    { range: { start, end } }: SemanticTokensRangeParams,
  ): Promise<SemanticTokens> {
    const tokens = await this.tokensOf(document);
    return this.encode(tokens.filter(({ range }) => range.start.line >= start.line && range.end.line <= end.line));
  }

  semanticHighlightDelta(document: LangiumDocument, params: SemanticTokensParams): Promise<SemanticTokens> {
    return this.semanticHighlight(document, params);
  }

  private async tokensOf(document: LangiumDocument): Promise<readonly Token[]> {
    const analysis = await analysisOf(this.services, document);
    const names = occurrencesOf(analysis, this.services.analysis.Analyzer).map(tokenOfName);
    return [...names, ...tokensOfLines(analysis)].sort(
      ({ range: { start: a } }, { range: { start: b } }) => a.line - b.line || a.character - b.character,
    );
  }

  /** Five numbers a token, its place relative to the token before, as the protocol wants it. */
  private encode(tokens: readonly Token[]): SemanticTokens {
    const data: number[] = [];
    let line = 0;
    let character = 0;
    for (const { range, type, modifiers = [] } of tokens) {
      const { start, end } = range;
      const bits = modifiers.reduce((sum, modifier) => sum + (this.tokenModifiers[modifier] ?? 0), 0);
      const column = start.line === line ? start.character - character : start.character;
      data.push(start.line - line, column, end.character - start.character, this.tokenTypes[type] ?? 0, bits);
      line = start.line;
      character = start.character;
    }
    return { data };
  }
}

function tokenOfName({ range, declaration, isDeclaration }: Occurrence): Token {
  const modifiers: SemanticTokenModifiers[] = [];
  if (isDeclaration) modifiers.push(SemanticTokenModifiers.declaration);
  if (declaration.$type === 'Const') modifiers.push(SemanticTokenModifiers.readonly);
  return { range, type: typesOfNames[declaration.$type], modifiers };
}

function* tokensOfLines({ model }: Analysis): Iterable<Token> {
  for (const network of model.networks)
    if (network.name !== undefined) yield { range: rangeOf(at(network, 'name')), type: SemanticTokenTypes.namespace };
  for (const [layer, form] of model.forms) yield* tokensOfLine(layer, form);
}

function* tokensOfLine(layer: Layer, { target, attributes }: LineForm): Iterable<Token> {
  if (target.type === 'layer')
    yield {
      range: rangeOf(at(layer, 'kind')),
      type: SemanticTokenTypes.function,
      modifiers: [SemanticTokenModifiers.defaultLibrary],
    };
  if (target.type === 'training') yield { range: rangeOf(at(layer, 'kind')), type: SemanticTokenTypes.keyword };
  if (target.type === 'training line') yield { range: rangeOf(at(layer, 'kind')), type: SemanticTokenTypes.property };
  for (const { word } of attributes.values()) yield { range: rangeOf(at(word)), type: SemanticTokenTypes.property };
}
