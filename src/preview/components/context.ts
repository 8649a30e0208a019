import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PreviewModel } from '../model.js';

const ModelContext = createContext<PreviewModel | null>(null);

export const ModelProvider = ModelContext.Provider;

export function useModel(): PreviewModel {
  const model = useContext(ModelContext);
  if (!model) throw new Error('No preview model above this component');
  return model;
}
