import { useEffect, useRef } from "react";

/** From the key's name (`j`, `Enter`, `?`, `shift+n`) to what it does. */
export type Hotkeys = Record<string, (event: KeyboardEvent) => void>;

/** Inputs that take no letters. */
const NO_TEXT = new Set(["radio", "checkbox", "button", "submit", "file", "range"]);

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && NO_TEXT.has(target.type)) return false;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Whether a menu or a dialog has the keyboard. */
function isBusy(): boolean {
  return document.querySelector("dialog[open], [role=menu]") !== null;
}

/**
 * Single keys for the whole page. They rest while someone types, while a menu or dialog is open, and
 * when a modifier is held, so that the browser's own shortcuts stay the browser's.
 */
export function useHotkeys(keys: Hotkeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || isBusy()) return;
      const name =
        event.shiftKey && event.key.length === 1 && /[a-z]/i.test(event.key)
          ? `shift+${event.key.toLowerCase()}`
          : event.key;
      const action = latest.current[name];
      if (!action) return;
      // Enter and the space bar belong to the button or link that has the focus.
      const onControl = event.target instanceof HTMLElement && event.target.closest("button, a");
      if (onControl && (event.key === "Enter" || event.key === " ")) return;
      event.preventDefault();
      action(event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
