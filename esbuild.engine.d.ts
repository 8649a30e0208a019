import type { Plugin } from 'esbuild';

export declare const withoutWords: Plugin;
