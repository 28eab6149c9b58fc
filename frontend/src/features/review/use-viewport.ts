import { type RefObject, useEffect, useState } from "react";

/** The width inside a scrolling element, kept up to date. */
export function useWidth(ref: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}

/** The number of the page that takes most of the view. */
export function useCurrentPage(ref: RefObject<HTMLElement | null>, pages: number): number {
  const [current, setCurrent] = useState(1);
  useEffect(() => {
    const element = ref.current;
    if (!element || pages < 2) return;
    let frame = 0;
    const look = () => {
      frame = 0;
      const view = element.getBoundingClientRect();
      const middle = view.top + view.height / 3;
      for (const page of element.querySelectorAll<HTMLElement>("[data-page]")) {
        if (page.getBoundingClientRect().bottom >= middle) {
          setCurrent(Number(page.dataset.page));
          return;
        }
      }
    };
    const onScroll = () => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener("scroll", onScroll);
    };
  }, [ref, pages]);
  return current;
}

/** Scrolls only as far as it must, so that `target` stands well inside `view`, in both directions. */
export function scrollInto(view: HTMLElement, target: Element): void {
  const outer = view.getBoundingClientRect();
  const inner = target.getBoundingClientRect();
  const shift = (start: number, end: number, from: number, to: number) => {
    const margin = Math.min(96, (to - from) / 4);
    if (start >= from + margin && end <= to - margin) return 0;
    return (start + end) / 2 - (from + to) / 2;
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  view.scrollBy({
    left: shift(inner.left, inner.right, outer.left, outer.right),
    top: shift(inner.top, inner.bottom, outer.top, outer.bottom),
    behavior: still ? "instant" : "smooth",
  });
}
