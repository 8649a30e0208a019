import { inject, type Module } from 'langium';
import {
  createDefaultModule,
  createDefaultSharedModule,
  type DefaultSharedModuleContext,
  type LangiumServices,
  type LangiumSharedServices,
  type PartialLangiumServices,
  type PartialLangiumSharedServices,
} from 'langium/lsp';
import { features } from '../features/index.js';
import { ConvNetWorkspaceSymbols } from '../features/workspace-symbols.js';
import { ConvNetGeneratedModule, ConvNetGeneratedSharedModule } from '../generated/module.js';
import { type ConvNetAddedServices, ConvNetModule } from '../services.js';
import { ConvNetDocumentBuilder } from './builder.js';
import { contain } from './contain.js';
import { EditorClient } from './editor-client.js';
import { ConvNetLanguageServer } from './language-server.js';
import { ImportIndex, NoLinks, NoScopes } from './phases.js';
import { ConvNetValidator } from './validator.js';
import { ConvNetWorkspace } from './workspace.js';

export type ConvNetServerServices = LangiumServices &
  ConvNetAddedServices & { readonly editor: { readonly Client: EditorClient } };

const serverModule: Module<ConvNetServerServices, PartialLangiumServices & Pick<ConvNetServerServices, 'editor'>> = {
  references: {
    ScopeComputation: (services) => new NoScopes(services),
    Linker: (services) => new NoLinks(services),
  },
  validation: {
    DocumentValidator: (services) =>
      contain('The check', new ConvNetValidator(services), () => services.shared.lsp.Connection, []),
  },
  editor: { Client: (services) => new EditorClient(services.shared, () => services) },
  lsp: features,
};

/** The language with everything an editor asks of it. */
export function createServerServices(context: DefaultSharedModuleContext): {
  readonly shared: LangiumSharedServices;
  readonly convnet: ConvNetServerServices;
} {
  const sharedModule: Module<LangiumSharedServices, PartialLangiumSharedServices> = {
    workspace: {
      DocumentBuilder: (services) => new ConvNetDocumentBuilder(services),
      IndexManager: (services) => new ImportIndex(services, () => convnet.analysis.Analyzer),
      WorkspaceManager: (services) => new ConvNetWorkspace(services),
    },
    lsp: {
      LanguageServer: (services) => new ConvNetLanguageServer(services),
      WorkspaceSymbolProvider: (services) => new ConvNetWorkspaceSymbols(services, () => convnet.analysis.Analyzer),
    },
  };
  const shared = inject(createDefaultSharedModule(context), ConvNetGeneratedSharedModule, sharedModule);
  const convnet: ConvNetServerServices = inject(
    createDefaultModule({ shared }),
    ConvNetGeneratedModule,
    ConvNetModule,
    serverModule,
  );
  shared.ServiceRegistry.register(convnet);
  return { shared, convnet };
}
