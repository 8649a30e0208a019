/** The ways to look at a network, with the words of their tabs. */
export const views = { layers: 'Layers', graph: 'Graph', performance: 'Performance' } as const;

export type View = keyof typeof views;
