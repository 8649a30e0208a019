import type { Line } from './build.js';

/** Published networks as their papers have them. */

export const conv = (
  filters: number,
  kernel: number | readonly number[],
  attributes: Readonly<Record<string, unknown>> = {},
): Line => ['conv', { filters, kernel, ...attributes }];
const fc = (units: number): Line => ['fc', { units }];
const halve: Line = ['maxpool', { kernel: 2 }];

export const lenet: Line[] = [
  ...[conv(6, 5), 'relu' as const, halve],
  ...[conv(16, 5), 'relu' as const, halve],
  ...[fc(120), 'relu' as const, fc(84), 'relu' as const, fc(10), 'softmax' as const],
];

const overlap: Line = ['maxpool', { kernel: 3, stride: 2 }];
const lrn: Line = ['lrn', { size: 5, alpha: 1e-4, beta: 0.75 }];
export const alexnet: Line[] = [
  ...[conv(96, 11, { stride: 4 }), 'relu' as const, lrn, overlap],
  ...[conv(256, 5, { pad: 2, groups: 2 }), 'relu' as const, lrn, overlap],
  ...[conv(384, 3, { pad: 1 }), 'relu' as const],
  ...[conv(384, 3, { pad: 1, groups: 2 }), 'relu' as const],
  ...[conv(256, 3, { pad: 1, groups: 2 }), 'relu' as const, overlap],
  ...[fc(4096), 'relu' as const, 'dropout' as const],
  ...[fc(4096), 'relu' as const, 'dropout' as const],
  ...[fc(1000), 'softmax' as const],
];

const vggStage = (filters: number, convs: number): Line[] => [
  ...Array.from({ length: convs }, (): Line[] => [conv(filters, 3, { pad: 1 }), 'relu']).flat(),
  halve,
];
export const vgg16: Line[] = [
  ...[vggStage(64, 2), vggStage(128, 2), vggStage(256, 3), vggStage(512, 3), vggStage(512, 3)].flat(),
  ...[fc(4096), 'relu' as const, 'dropout' as const],
  ...[fc(4096), 'relu' as const, 'dropout' as const],
  ...[fc(1000), 'softmax' as const],
];
