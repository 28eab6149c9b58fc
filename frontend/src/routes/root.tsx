import { logo, name } from "virtual:brand";
import { Link, Outlet } from "@tanstack/react-router";
import { CircleHelp, Monitor, Moon, Sun, WifiOff } from "lucide-react";
import { useState } from "react";
import { IconButton } from "@/components/ui/button";
import { Menu, MenuChoice } from "@/components/ui/menu";
import { Toaster } from "@/components/ui/toast";
import { useHotkeys } from "@/lib/hotkeys";
import { useOnline } from "@/lib/online";
import { setTheme, type Theme, useTheme } from "@/lib/theme";
import { Shortcuts } from "./shortcuts";

const THEMES = { system: Monitor, light: Sun, dark: Moon };

function ThemeMenu() {
  const theme = useTheme();
  const Icon = THEMES[theme];
  return (
    <Menu
      trigger={
        <IconButton label="Theme">
          <Icon className="size-4" />
        </IconButton>
      }
    >
      <MenuChoice
        value={theme}
        onChange={(value) => setTheme(value as Theme)}
        options={[
          { value: "system", label: "Like the system" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
      />
    </Menu>
  );
}

/** The frame around every page. Pages put their own head into `#page-head`. */
export function Root() {
  const [help, setHelp] = useState(false);
  const online = useOnline();
  useHotkeys({ "?": () => setHelp(true) });
  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#main"
        className="sr-only z-50 rounded bg-raised px-3 py-2 focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-3">
        <Link
          to="/"
          className="flex items-center gap-2 rounded pr-1 font-semibold"
          aria-label={`${name}, all runs`}
        >
          <img src={logo} alt="" className="size-6" />
          <span className="max-sm:hidden">{name}</span>
        </Link>
        <div id="page-head" className="flex min-w-0 flex-1 items-center gap-2" />
        <IconButton label="Keys and signs ( ? )" onClick={() => setHelp(true)}>
          <CircleHelp className="size-4" />
        </IconButton>
        <ThemeMenu />
      </header>
      {online ? null : (
        <p
          role="status"
          className="flex shrink-0 items-center justify-center gap-2 bg-warn-soft px-3 py-1.5 text-sm text-warn"
        >
          <WifiOff aria-hidden className="size-4" />
          No network. What is shown may be old; files are sent when you send them again.
        </p>
      )}
      <main id="main" className="flex min-h-0 flex-1 flex-col">
        <Outlet />
      </main>
      <Shortcuts open={help} onClose={() => setHelp(false)} />
      <Toaster />
    </div>
  );
}
