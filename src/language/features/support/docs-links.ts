import type { LayerKind } from '../../../network/catalogue.js';
import type { DiagnosticCode } from '../../../network/diagnostics.js';

/** The pages in `docs/`, where the repository that package.json names shows them. */
const DOCS = 'https://github.com/convnet/convnet-vscode/blob/main/docs';

export const diagnosticPage = (code: DiagnosticCode): string => `${DOCS}/diagnostics.md#${code}`;

export const layerPage = (kind: LayerKind): string => `${DOCS}/layers.md#${kind}`;

export const attributePage = (name: string): string => `${DOCS}/attributes.md#${name}`;

export const frameworksPage = `${DOCS}/frameworks.md`;

export const languagePage = (section: string): string => `${DOCS}/language.md#${section}`;
