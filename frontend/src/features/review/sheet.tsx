import { useState } from "react";
import { pageImage } from "@/lib/api";
import { cx } from "@/lib/cx";
import type { Page } from "@/lib/types";
import type { Mark } from "./evidence";
import type { Selection } from "./use-selection";

interface Props {
  run: string;
  page: Page;
  marks: readonly Mark[];
  names: ReadonlyMap<string, string>;
  doubtful: ReadonlySet<string>;
  selection: Selection;
  /** In CSS pixels. */
  width: number;
}

/** How far a mark reaches beyond the words, so that it looks like a highlighter and not like a frame. */
const PAD_PX = 2;

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(3)}%`;
}

/** A page as an image, with the words of the cells marked on it. */
export function Sheet({ run, page, marks, names, doubtful, selection, width }: Props) {
  const [sharp, setSharp] = useState(false);
  const [broken, setBroken] = useState(false);
  const height = (width * page.height) / page.width;
  const { selected, hovered, pulse, line: cited } = selection;
  return (
    <figure
      data-page={page.number}
      aria-label={`Page ${page.number}`}
      className="relative isolate mx-auto shrink-0 overflow-hidden rounded-sm bg-white shadow-sheet"
      style={{ width, height }}
    >
      <img
        src={pageImage(run, page.number, "small")}
        alt=""
        className={cx("absolute inset-0 size-full", sharp && "invisible")}
      />
      {broken ? (
        <p role="alert" className="absolute inset-x-0 top-4 text-center text-sm text-[#67635a]">
          The image of this page could not be loaded.
        </p>
      ) : (
        <img
          src={pageImage(run, page.number, "large")}
          alt={`Page ${page.number} of the document`}
          loading="lazy"
          decoding="async"
          onLoad={() => setSharp(true)}
          onError={() => setBroken(true)}
          className={cx(
            "absolute inset-0 size-full transition-opacity duration-200",
            sharp ? "opacity-100" : "opacity-0",
          )}
        />
      )}
      {marks.map(({ path, line, box: [x0, y0, x1, y1] }, index) => {
        const on = path === selected && (cited === null || cited === line);
        const near = path === hovered;
        return (
          <button
            key={`${path} ${index} ${on ? pulse : ""}`}
            type="button"
            tabIndex={-1}
            aria-label={names.get(path) ?? path}
            title={names.get(path) ?? path}
            data-mark={path}
            data-lit={on || undefined}
            data-at={line}
            onClick={() => selection.reveal(path)}
            onPointerEnter={() => selection.hover(path)}
            onPointerLeave={() => selection.hover(null)}
            className={cx(
              // The stroke is laid on by ::before, without a stacking context of the button's own, so that
              // it blends with the page; rings and underlines do not blend, and show on dark print too.
              "absolute rounded-[3px] before:absolute before:inset-0 before:rounded-[3px]",
              on
                ? "mark-ring animate-pulse-once outline-2 outline-[#1c1b18] before:marker-lit"
                : "border-b-2 before:marker-tint",
              !on && (doubtful.has(path) ? "border-[#b3261e]" : "border-marker/60"),
              near && !on && "outline-2 outline-[#1c1b18]/70 outline-dashed",
            )}
            style={{
              left: `calc(${percent(x0)} - ${PAD_PX}px)`,
              top: `calc(${percent(y0)} - ${PAD_PX}px)`,
              width: `calc(${percent(x1 - x0)} + ${2 * PAD_PX}px)`,
              height: `calc(${percent(y1 - y0)} + ${2 * PAD_PX}px)`,
            }}
          />
        );
      })}
    </figure>
  );
}
