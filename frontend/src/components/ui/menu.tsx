import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { cx } from "@/lib/cx";

const item =
  "flex items-center gap-2 rounded px-2 py-1.5 text-sm outline-none select-none data-[highlighted]:bg-hover data-[disabled]:opacity-45";

interface MenuProps {
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end";
  /** Tailwind width of the panel. */
  width?: string;
}

/**
 * A menu under a button. Not modal: a modal one would write a style element to stop the page from
 * scrolling, which the content security policy refuses.
 */
export function Menu({ trigger, children, align = "end", width = "min-w-44" }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={cx(
            "z-50 max-w-[calc(100vw-1rem)] animate-rise rounded-lg border border-line-strong bg-raised p-1 shadow-pop",
            width,
          )}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({ onSelect, children }: { onSelect: () => void; children: ReactNode }) {
  return (
    <DropdownMenu.Item className={item} onSelect={onSelect}>
      {children}
    </DropdownMenu.Item>
  );
}

/** An item that is a link, such as a download. */
export function MenuLink({
  href,
  download,
  children,
}: {
  href: string;
  download?: boolean;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.Item asChild className={item}>
      <a href={href} {...(download ? { download: "" } : { target: "_blank", rel: "noreferrer" })}>
        {children}
      </a>
    </DropdownMenu.Item>
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}

interface ChoiceProps {
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string; about?: string }[];
}

/** One of several, with a tick at the chosen one. */
export function MenuChoice({ value, onChange, options }: ChoiceProps) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={onChange}>
      {options.map((option) => (
        <DropdownMenu.RadioItem
          key={option.value}
          value={option.value}
          className={cx(item, "items-start")}
        >
          <span className="mt-0.5 size-4 shrink-0">
            <DropdownMenu.ItemIndicator>
              <Check className="size-4 text-accent" />
            </DropdownMenu.ItemIndicator>
          </span>
          <span>
            <span className="block">{option.label}</span>
            {option.about ? <span className="block text-xs text-muted">{option.about}</span> : null}
          </span>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}
