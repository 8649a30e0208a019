import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** One observer for all elements: a network may have a thousand strips. */
const visibility = new Map<Element, (visible: boolean) => void>();
const visibilityObserver = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) visibility.get(target)?.(isIntersecting);
  },
  // A little ahead, so that scrolling meets maps that are drawn already.
  { rootMargin: '300px 0px' },
);

interface Size {
  readonly width: number;
  readonly height: number;
}

const sizes = new Map<Element, (size: Size) => void>();
const sizeObserver = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) sizes.get(target)?.(contentRect);
});

/** Whether an element is on the screen, or nearly. */
export function useVisible(element: RefObject<Element | null>): boolean {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    visibility.set(target, setVisible);
    visibilityObserver.observe(target);
    return () => {
      visibility.delete(target);
      visibilityObserver.unobserve(target);
    };
  }, [element]);
  return visible;
}

/** The inner width of an element in CSS pixels; 0 until it is laid out. */
export const useWidth = (element: RefObject<Element | null>): number =>
  useObserved(element, 0, ({ width }) => Math.floor(width));

const NO_SIZE: Size = { width: 0, height: 0 };

/** The inner size of an element in CSS pixels; 0 until it is laid out. */
export const useSize = (element: RefObject<Element | null>): Size =>
  useObserved(element, NO_SIZE, ({ width, height }) => ({ width, height }));

function useObserved<T>(element: RefObject<Element | null>, initial: T, of: (size: Size) => T): T {
  const [value, setValue] = useState(initial);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    sizes.set(target, (size) => setValue(of(size)));
    sizeObserver.observe(target);
    return () => {
      sizes.delete(target);
      sizeObserver.unobserve(target);
    };
  }, [element]);
  return value;
}
