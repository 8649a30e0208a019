import type { Module } from 'langium';
import type { LangiumLSPServices } from 'langium/lsp';
import { contain, titleOf } from '../server/contain.js';
import type { ConvNetServerServices } from '../server/services.js';
import { ConvNetCallHierarchy } from './call-hierarchy.js';
import { ConvNetCodeActions } from './code-actions.js';
import { ConvNetCodeLens } from './code-lens.js';
import { ConvNetCompletion } from './completion.js';
import { ConvNetDefinition } from './definition.js';
import { ConvNetDocumentLinks } from './document-links.js';
import { ConvNetFolding } from './folding.js';
import { ConvNetFormatter } from './formatting.js';
import { ConvNetHighlights } from './highlights.js';
import { ConvNetHover } from './hover.js';
import { ConvNetInlayHints } from './inlay-hints.js';
import { ConvNetOutline } from './outline.js';
import { ConvNetReferences } from './references.js';
import { ConvNetRename } from './rename.js';
import { ConvNetSemanticTokens } from './semantic-tokens.js';
import { ConvNetSignatureHelp } from './signature-help.js';

/** What the editor can ask of the language: one line a feature. */
const providers = {
  CodeActionProvider: (services) => new ConvNetCodeActions(services),
  DocumentSymbolProvider: (services) => new ConvNetOutline(services),
  CompletionProvider: (services) => new ConvNetCompletion(services),
  HoverProvider: (services) => new ConvNetHover(services),
  InlayHintProvider: (services) => new ConvNetInlayHints(services),
  DefinitionProvider: (services) => new ConvNetDefinition(services),
  ReferencesProvider: (services) => new ConvNetReferences(services),
  RenameProvider: (services) => new ConvNetRename(services),
  DocumentHighlightProvider: (services) => new ConvNetHighlights(services),
  FoldingRangeProvider: () => new ConvNetFolding(),
  Formatter: () => new ConvNetFormatter(),
  SemanticTokenProvider: (services) => new ConvNetSemanticTokens(services),
  SignatureHelp: (services) => new ConvNetSignatureHelp(services),
  DocumentLinkProvider: (services) => new ConvNetDocumentLinks(services),
  CallHierarchyProvider: (services) => new ConvNetCallHierarchy(services),
  CodeLensProvider: (services) => new ConvNetCodeLens(services),
} satisfies { readonly [Name in keyof Lsp]?: (services: ConvNetServerServices) => Lsp[Name] };

type Lsp = LangiumLSPServices['lsp'];

/** The same, each contained: one that fails harms no other. */
export const features = Object.fromEntries(
  Object.entries(providers).map(([name, create]) => [
    name,
    (services: ConvNetServerServices) =>
      contain(titleOf(name), create(services) as object, () => services.shared.lsp.Connection),
  ]),
) as Module<ConvNetServerServices, Partial<Lsp>>;
