import type { NetworkReport, SetAttribute } from '../language/protocol.js';
import type { SourceRange } from '../network/network.js';
import type { Order } from './order.js';
import type { Contrast } from './raster.js';
import type { DataAnswer, DataAsk } from './train/data-protocol.js';
import type { UnitOf } from './unit/unit.js';
import type { View } from './views.js';

/** What the extension and the panel's page say to each other. Plain data only. */

/** The type of the panel, for VS Code to restore it by. */
export const VIEW_TYPE = 'convnet.preview';

/** A place in a text file, counted from 0. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly character: number;
}

export interface PanelSettings {
  /** Scroll to the layer the cursor is in. */
  readonly followCursor: boolean;
  /** What a network may take, in bytes. */
  readonly memoryLimit: number;
}

/** The text the panel follows. */
export interface FollowedDocument {
  readonly uri: string;
  /** The file's name, as a tab shows it. */
  readonly title: string;
  /** Null until the language server has checked the text. */
  readonly networks: readonly NetworkReport[] | null;
}

/** Earlier versions of the followed document. */
export interface Baselines {
  readonly saved: readonly NetworkReport[] | null;
  readonly committed: readonly NetworkReport[] | null;
}

/** Extension → panel. */
export type HostMessage =
  /** `isLocked`: the panel stays with this document, whatever is edited. */
  | { readonly type: 'document'; readonly document: FollowedDocument | null; readonly isLocked: boolean }
  | { readonly type: 'cursor'; readonly place: Place }
  | { readonly type: 'settings'; readonly settings: PanelSettings }
  /** The answer to `readPicture`; `bytes` is null where there is no such file. */
  | { readonly type: 'picture'; readonly uri: string; readonly path: string; readonly bytes: Uint8Array | null }
  /** What the networks of the document at `uri` were when it was saved last and in the last commit; null where that is not known. */
  | ({ readonly type: 'baselines'; readonly uri: string } & Baselines)
  /** The answer to `readLabels`; `text` is null where there is no such file. */
  | { readonly type: 'labels'; readonly uri: string; readonly path: string; readonly text: string | null }
  /** The answer to the last `readWeights`, and again each time the file changes; `bytes` is null where there is no such file. */
  | { readonly type: 'weights'; readonly uri: string; readonly path: string; readonly bytes: Uint8Array | null }
  /** The answer to a `readData`. */
  | { readonly type: 'data'; readonly id: number; readonly answer: DataAnswer }
  /** The user wants the followed network trained. */
  | { readonly type: 'train' };

/** Panel → extension. */
export type PanelMessage =
  | { readonly type: 'ready' }
  /** Moves the cursor to a layer or a message; `focus` gives the editor the keyboard as well. */
  | { readonly type: 'reveal'; readonly range: SourceRange; readonly focus: boolean }
  /** Asks for the picture that a network in the file at `uri` names: the `sample` of its input. */
  | { readonly type: 'readPicture'; readonly uri: string; readonly path: string }
  /** Asks for the weights file that a network in the file at `uri` names. */
  | { readonly type: 'readWeights'; readonly uri: string; readonly path: string }
  /** Asks for the file of labels that a network in the file at `uri` names. */
  | { readonly type: 'readLabels'; readonly uri: string; readonly path: string }
  /** Asks about a file or folder that a network in the file at `uri` learns from; `data` with the same id is the answer. */
  | { readonly type: 'readData'; readonly id: number; readonly uri: string; readonly ask: DataAsk }
  /** Writes another value of a layer's attribute into the text; `begins` a change that can be undone by itself. */
  | ({ readonly type: 'setAttribute'; readonly begins: boolean } & SetAttribute)
  /** Asks where to write a file, and writes it. */
  | { readonly type: 'save'; readonly name: string; readonly bytes: Uint8Array }
  /**
   * Writes weights into the file at `path` that a network in the file at `uri` names, whole or not at all; without a path it asks
   * where.
   */
  | {
      readonly type: 'saveWeights';
      readonly uri: string;
      readonly path: string | null;
      readonly name: string;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'copy'; readonly text: string };

/** What survives a reload of the window, kept by VS Code. */
export interface PanelState {
  readonly uri?: string;
  readonly locked?: boolean;
  /** The id of a built-in sample, or a picture of the user's as a data URL. */
  readonly sample?: string;
  readonly picture?: { readonly name: string; readonly url: string };
  /** The layer whose close-up is open. */
  readonly picked?: string;
  /** The unit whose neuron view is open. */
  readonly unit?: UnitOf;
  readonly contrast?: Contrast;
  readonly order?: Order;
  readonly view?: View;
}
