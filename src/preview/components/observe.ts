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

const widths = new Map<Element, (width: number) => void>();
const widthObserver = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) widths.get(target)?.(contentRect.width);
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
export function useWidth(element: RefObject<Element | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    widths.set(target, (wide) => setWidth(Math.floor(wide)));
    widthObserver.observe(target);
    return () => {
      widths.delete(target);
      widthObserver.unobserve(target);
    };
  }, [element]);
  return width;
}
