import { createLangiumParser, type LangiumCoreServices, type LangiumParser } from 'langium';

type HiddenNodes = (tokens: readonly unknown[]) => void;

/**
 * Langium's parser, linear in the length of a body. Before each token Langium 4.2.1 looks for the place of the comments in
 * front of it, through all statements before, even where there are none: quadratic in flat files.
 */
export function createParser(services: LangiumCoreServices): LangiumParser {
  const parser = createLangiumParser(services);
  const builder = Reflect.get(parser, 'nodeBuilder') as { addHiddenNodes: HiddenNodes };
  const add = builder.addHiddenNodes.bind(builder);
  builder.addHiddenNodes = (tokens) => {
    if (tokens.length > 0) add(tokens);
  };
  return parser;
}
