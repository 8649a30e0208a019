import type { DiagnosticCode } from './diagnostics.js';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** Sets an attribute of a layer: `target` is the layer with the problem or the input of its network. */
export interface AttributeEdit {
  readonly target: 'layer' | 'input';
  readonly attribute: string;
  /** As the language writes it, without the attribute's name. */
  readonly value: string;
}

/**
 * A line put in: above the layer with the problem, or between it and one of its inputs. The input may be a branch, an empty
 * one or any, at whose end the line goes; or it may be named after `from`, where the line reads it in the layer's stead.
 */
export type Insertion =
  | { readonly into: 'above'; readonly line: string }
  | { readonly into: 'empty branch' | 'end of branch' | 'from'; readonly input: number; readonly line: string };

/** A change that removes the problem; fixes come ordered by how little they change. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly AttributeEdit[];
  readonly insertion?: Insertion;
}

/** Something wrong with a layer, before it is tied to a place in a text. */
export interface Problem {
  readonly code: DiagnosticCode;
  readonly message: string;
  /** The attribute to point at; the layer's keyword otherwise. */
  readonly attribute?: string;
  /** Inputs of the layer, by their place among them, that have a part in the problem. */
  readonly inputs?: readonly number[];
  /** Whether another height or width of its input could remove it. */
  readonly isOfSize?: boolean;
  /** Words that may be meant instead of the one at the problem's place, nearest first. */
  readonly replacements?: readonly string[];
  /** Worked out only when somebody looks. */
  readonly fixes?: () => readonly Fix[];
}
