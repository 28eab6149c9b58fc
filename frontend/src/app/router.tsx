import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { Home } from "@/routes/home";
import { NotFound } from "@/routes/not-found";
import { Root } from "@/routes/root";

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

const home = createRoute({ getParentRoute: () => root, path: "/", component: Home });

/** The address holds which cell is selected, so that a link leads to it. */
const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$runId",
  validateSearch: (search: Record<string, unknown>): { cell?: string } =>
    typeof search.cell === "string" ? { cell: search.cell } : {},
  component: lazyRouteComponent(() => import("@/routes/run"), "RunPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([home, run]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
