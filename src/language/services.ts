import {
  createDefaultCoreModule,
  createDefaultSharedCoreModule,
  type DefaultSharedCoreModuleContext,
  inject,
  type LangiumCoreServices,
  type LangiumSharedCoreServices,
  type Module,
  type PartialLangiumCoreServices,
} from 'langium';
import { Analyzer } from './findings/analyzer.js';
import { ConvNetGeneratedModule, ConvNetGeneratedSharedModule } from './generated/module.js';
import { ConvNetLexer } from './text/lexer.js';
import { createParser } from './text/parser.js';
import { ConvNetParserMessages } from './text/parser-messages.js';

export interface ConvNetAddedServices {
  readonly analysis: { readonly Analyzer: Analyzer };
}

export type ConvNetServices = LangiumCoreServices & ConvNetAddedServices;

/** What the language needs to be parsed and checked, in the editor and on the command line alike. */
export const ConvNetModule: Module<ConvNetServices, PartialLangiumCoreServices & ConvNetAddedServices> = {
  parser: {
    LangiumParser: createParser,
    Lexer: (services) => new ConvNetLexer(services),
    ParserErrorMessageProvider: () => new ConvNetParserMessages(),
    // Values keep the text as it is written; evaluate.ts reads them.
    ValueConverter: () => ({ convert: (input: string) => input }),
  },
  analysis: { Analyzer: (services) => new Analyzer(services) },
};

/** The language without an editor: parse, check, print. */
export function createConvNetServices(context: DefaultSharedCoreModuleContext): {
  readonly shared: LangiumSharedCoreServices;
  readonly convnet: ConvNetServices;
} {
  const shared = inject(createDefaultSharedCoreModule(context), ConvNetGeneratedSharedModule);
  const convnet = inject(createDefaultCoreModule({ shared }), ConvNetGeneratedModule, ConvNetModule);
  shared.ServiceRegistry.register(convnet);
  return { shared, convnet };
}
