import { type AstNode, AstUtils, type LangiumDocument, URI } from 'langium';
import type { CallHierarchyProvider } from 'langium/lsp';
import type {
  CallHierarchyIncomingCall,
  CallHierarchyIncomingCallsParams,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  CallHierarchyOutgoingCallsParams,
  CallHierarchyPrepareParams,
} from 'vscode-languageserver';
import { SymbolKind } from 'vscode-languageserver-types';
import { type Block, isBlock, isNetwork, type Network } from '../generated/ast.js';
import type { FileModel } from '../meaning/model.js';
import { at, rangeOf } from '../text/place.js';
import { analysisOf, type FeatureServices } from './feature.js';
import { signatureOf } from './support/describe.js';
import { occurrenceAt } from './support/occurrences.js';

/** Which blocks and networks use a block, and which blocks those use. */
export class ConvNetCallHierarchy implements CallHierarchyProvider {
  constructor(private readonly services: FeatureServices) {}

  async prepareCallHierarchy(
    document: LangiumDocument,
    { position }: CallHierarchyPrepareParams,
  ): Promise<CallHierarchyItem[]> {
    const { Analyzer } = this.services.analysis;
    const analysis = await analysisOf(this.services, document);
    const found = occurrenceAt(analysis, Analyzer, position);
    if (found?.declaration.$type === 'Block') return [itemOf(found.declaration, found.declaredIn)];
    const network = analysis.model.networks.find((node) => {
      const { start, end } = rangeOf(at(node, 'name'));
      return (
        start.line === position.line && start.character <= position.character && position.character <= end.character
      );
    });
    return network ? [itemOf(network, analysis.model)] : [];
  }

  incomingCalls({ item }: CallHierarchyIncomingCallsParams): CallHierarchyIncomingCall[] {
    const block = this.find(item)?.owner;
    const documents = this.services.shared.workspace.LangiumDocuments.all;
    return documents.toArray().flatMap((document) =>
      [...this.callsByOwner(this.services.analysis.Analyzer.model(document))].flatMap(([owner, { model, calls }]) => {
        const own = calls.filter(({ called }) => called.node === block);
        return own.length === 0 ? [] : [{ from: itemOf(owner, model), fromRanges: own.map(({ range }) => range) }];
      }),
    );
  }

  outgoingCalls({ item }: CallHierarchyOutgoingCallsParams): CallHierarchyOutgoingCall[] {
    const found = this.find(item);
    const calls = (found && this.callsByOwner(found.model).get(found.owner)?.calls) ?? [];
    const blocks = new Set(calls.map(({ called }) => called.node));
    return [...blocks].flatMap((block) => {
      const own = calls.filter(({ called }) => called.node === block);
      const [first] = own;
      return first ? [{ to: itemOf(block, first.called.model), fromRanges: own.map(({ range }) => range) }] : [];
    });
  }

  /** The block or network that an item was made of. */
  private find({ uri, name, kind }: CallHierarchyItem): { owner: Block | Network; model: FileModel } | undefined {
    const document = this.services.shared.workspace.LangiumDocuments.getDocument(URI.parse(uri));
    const model = document && this.services.analysis.Analyzer.model(document);
    const owners = kind === SymbolKind.Class ? model?.blocks : model?.networks;
    const owner = owners?.find((node) => node.name === name);
    return model && owner && { owner, model };
  }

  private callsByOwner(model: FileModel): ReadonlyMap<Block | Network, CallsOfOwner> {
    const found = new Map<Block | Network, CallsOfOwner>();
    for (const [layer, { target }] of model.forms) {
      if (target.type !== 'block') continue;
      const called = this.services.analysis.Analyzer.declaration(model, layer.kind);
      const owner = AstUtils.getContainerOfType(layer, isOwner);
      if (called?.node.$type !== 'Block' || !owner) continue;
      const own: CallsOfOwner = found.get(owner) ?? { model, calls: [] };
      own.calls.push({ called: { node: called.node, model: called.model }, range: rangeOf(at(layer, 'kind')) });
      found.set(owner, own);
    }
    return found;
  }
}

interface CallsOfOwner {
  readonly model: FileModel;
  readonly calls: {
    readonly called: { readonly node: Block; readonly model: FileModel };
    readonly range: ReturnType<typeof rangeOf>;
  }[];
}

/** With the kinds of the outline. */
const itemOf = (node: Block | Network, { uri }: FileModel): CallHierarchyItem => ({
  name: node.name ?? '',
  detail: node.$type === 'Block' ? signatureOf(node) : 'network',
  kind: node.$type === 'Block' ? SymbolKind.Class : SymbolKind.Module,
  uri,
  range: rangeOf(at(node)),
  selectionRange: rangeOf(at(node, 'name')),
});

const isOwner = (node: AstNode): node is Block | Network => isBlock(node) || isNetwork(node);
