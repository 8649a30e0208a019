import { CodeActionKind } from 'vscode-languageserver-types';
import { instancesOf } from '../findings/instances.js';
import { at, rangeOf } from '../text/place.js';
import type { Refactoring } from './refactoring.js';
import { freeName } from './rewrite.js';

/** Gives a layer the name that it goes by, so that `from` can mean it and weights find it. */
export const nameLayer: Refactoring = {
  kind: CodeActionKind.RefactorRewrite,
  propose({ analysis, selection }) {
    const [line, more] = selection?.statements ?? [];
    if (!selection || line?.$type !== 'Layer' || line.label !== undefined || more) return [];
    const { layers, calls } = instancesOf(analysis);
    const [layer] = layers.get(line) ?? [];
    const [call] = calls.get(line) ?? [];
    const full = layer ? layer.network.network.layers[layer.index]?.name : call?.instantiation.name;
    const counted = full?.slice(full.lastIndexOf('/') + 1);
    const isTaken = (name: string) => analysis.model.labels.get(selection.owner)?.has(name) ?? false;
    const name = counted !== undefined && !isTaken(counted) ? counted : freeName(line.kind, isTaken);
    const { start } = rangeOf(at(line, 'kind'));
    const edits = [{ range: { start, end: start }, newText: `${name}: ` }];
    return [{ title: `Name this layer ${name}`, keeps: 'layers', edits }];
  },
};
