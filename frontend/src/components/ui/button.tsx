import type { ComponentProps } from "react";
import { cx } from "@/lib/cx";

type Look = "primary" | "plain" | "quiet";

const base =
  "inline-flex items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none transition-colors disabled:opacity-45 disabled:cursor-not-allowed";

const looks: Record<Look, string> = {
  primary: "bg-accent text-accent-ink hover:brightness-110 active:brightness-95",
  plain: "border border-line-strong bg-raised text-ink hover:bg-hover",
  quiet: "text-muted hover:bg-hover hover:text-ink",
};

/** The look of a button, for links that act like one. */
export function buttonClass(look: Look = "plain", small = false): string {
  return cx(base, looks[look], small ? "h-7 px-2 text-sm" : "h-8 px-3 text-sm");
}

interface Props extends ComponentProps<"button"> {
  look?: Look;
  small?: boolean;
}

export function Button({
  look = "plain",
  small = false,
  className,
  type = "button",
  ...rest
}: Props) {
  return <button type={type} className={cx(buttonClass(look, small), className)} {...rest} />;
}

interface IconProps extends ComponentProps<"button"> {
  /** What it does; read aloud and shown by the browser on hover. */
  label: string;
}

/** A square button that shows only an icon. */
export function IconButton({ label, className, type = "button", ...rest }: IconProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={cx(base, looks.quiet, "size-8 shrink-0 max-sm:size-9", className)}
      {...rest}
    />
  );
}
