import { type LangiumDocument, type LangiumDocuments, URI, UriUtils } from 'langium';
import * as diagnostics from '../../network/diagnostics.js';
import type { Import } from '../generated/ast.js';
import { at } from '../text/place.js';
import { similarWords } from '../text/spelling.js';
import type { ImportResolver } from './elaboration.js';
import { readText } from './evaluate.js';
import type { FileModel, PlacedProblem } from './model.js';

/** The file an import names, or undefined when the path cannot be one. */
export function importedUri(model: Pick<FileModel, 'uri'>, statement: Import): URI | undefined {
  const path = statement.path === undefined ? undefined : readText(statement.path);
  if (!path || path.includes('\0') || /^[a-z][\w+.-]+:/i.test(path)) return undefined;
  return UriUtils.resolvePath(UriUtils.dirname(URI.parse(model.uri)), path);
}

export const importsOf = (model: FileModel): readonly Import[] =>
  model.root.items.filter((item) => item.$type === 'Import');

/** How imported names are found among the documents that have been read. */
export class Imports implements ImportResolver {
  constructor(
    private readonly documents: Pick<LangiumDocuments, 'getDocument'>,
    private readonly modelOf: (document: LangiumDocument) => FileModel,
    /** Why a file could not be read. */
    private readonly unreadable: (uri: URI) => string | undefined,
  ) {}

  declaration(model: FileModel, name: string): ReturnType<ImportResolver['declaration']> {
    return this.follow(model, name, new Set());
  }

  private follow(model: FileModel, name: string, seen: Set<string>): ReturnType<ImportResolver['declaration']> {
    const declaration = model.declarations.get(name);
    if (!declaration || seen.has(model.uri)) return undefined;
    if (declaration.$type !== 'ImportedName') return { model, node: declaration };
    const imported = this.modelAt(model, declaration.$container);
    return imported && this.follow(imported, name, seen.add(model.uri));
  }

  private modelAt(model: FileModel, statement: Import): FileModel | undefined {
    const uri = importedUri(model, statement);
    const document = uri && this.documents.getDocument(uri);
    return document && this.modelOf(document);
  }

  /** What is wrong with the imports of a file. */
  problems(model: FileModel): readonly PlacedProblem[] {
    const problems: PlacedProblem[] = [];
    for (const statement of importsOf(model)) {
      if (statement.path === undefined) continue;
      const path = readText(statement.path);
      const place = at(statement, 'path');
      const uri = importedUri(model, statement);
      const imported = this.modelAt(model, statement);
      if (!imported) {
        const reason = uri && this.unreadable(uri);
        problems.push({
          place,
          problem: reason ? diagnostics.importUnreadable(path, reason) : diagnostics.importNotFound(path),
        });
        continue;
      }
      const cycle = this.cycle(model, imported);
      if (cycle) {
        problems.push({ place, problem: diagnostics.importCycle(cycle.map(baseName)) });
        continue;
      }
      for (const name of statement.names)
        if (!imported.declarations.has(name.name))
          problems.push({
            place: at(name),
            problem: diagnostics.notExported(name.name, path, similarWords(name.name, imported.declarations.keys())),
          });
    }
    return problems;
  }

  /** The way from a file through its imports back to itself. */
  private cycle(start: FileModel, next: FileModel): readonly string[] | undefined {
    const seen = new Set<string>();
    const visit = (model: FileModel, path: readonly string[]): readonly string[] | undefined => {
      if (model.uri === start.uri) return [...path, model.uri];
      if (seen.has(model.uri)) return undefined;
      seen.add(model.uri);
      for (const statement of importsOf(model)) {
        const imported = this.modelAt(model, statement);
        const found = imported && visit(imported, [...path, model.uri]);
        if (found) return found;
      }
      return undefined;
    };
    return visit(next, [start.uri]);
  }
}

const baseName = (uri: string): string => UriUtils.basename(URI.parse(uri));
