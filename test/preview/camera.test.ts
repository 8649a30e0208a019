import { expect, it } from 'vitest';
import { drawNetwork } from '../../src/drawing/scene.js';
import { frameAll, keepMiddle, reveal, seen, zoom } from '../../src/preview/components/graph/camera.js';
import { check } from '../network/build.js';

const screen = { width: 400, height: 300 };

it('zooms around a place, which stays where it is', () => {
  const camera = { x: 10, y: 20, scale: 0.5 };
  const next = zoom(camera, 2, 100, 50);
  expect((100 - next.x) / next.scale).toBeCloseTo((100 - camera.x) / camera.scale, 9);
  expect((50 - next.y) / next.scale).toBeCloseTo((50 - camera.y) / camera.scale, 9);
});

it('frames a whole drawing', () => {
  const view = seen(frameAll({ width: 1000, height: 5000 }, screen), screen);
  expect(view.left).toBeLessThan(0);
  expect(view.top).toBeLessThan(0);
  expect(view.left + view.width).toBeGreaterThan(1000);
  expect(view.top + view.height).toBeGreaterThan(5000);
});

it('moves no more than needed', () => {
  const camera = { x: 0, y: 0, scale: 1 };
  expect(reveal(camera, { left: 50, top: 50, width: 100, height: 50 }, screen)).toEqual(camera);
  expect(reveal(camera, { left: 50, top: 400, width: 100, height: 50 }, screen)).toEqual({ x: 0, y: -170, scale: 1 });
});

it('keeps the card in the middle where it is when others come above it', () => {
  const short = drawNetwork(check(['relu', 'tanh']));
  const tanh = short.cards.find(({ layer }) => layer === 2);
  if (!tanh) throw new Error('no card');
  const camera = { x: 200 - tanh.x - tanh.width / 2, y: 150 - tanh.y - tanh.height / 2, scale: 1 };
  const moved = { ...short, cards: short.cards.map((card) => ({ ...card, x: card.x + 70, y: card.y + 500 })) };
  expect(keepMiddle(camera, short, moved, screen)).toEqual({ x: camera.x - 70, y: camera.y - 500, scale: 1 });
});
