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

interface HomeSearch {
  /** What new documents are read as. */
  task?: string | undefined;
  /** The runs that the list is narrowed to. */
  only?: string | undefined;
}

/** The address holds what is chosen, so that a link leads to it and the way back does too. */
const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: (search: Record<string, unknown>): HomeSearch => ({
    ...(typeof search.task === "string" ? { task: search.task } : {}),
    ...(typeof search.only === "string" ? { only: search.only } : {}),
  }),
  component: Home,
});

const material = createRoute({
  getParentRoute: () => root,
  path: "/tasks/$taskId/material",
  component: lazyRouteComponent(() => import("@/routes/material"), "MaterialPage"),
});

/** The address holds which cell is selected, so that a link leads to it. */
const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$runId",
  validateSearch: (search: Record<string, unknown>): { cell?: string } =>
    typeof search.cell === "string" ? { cell: search.cell } : {},
  component: lazyRouteComponent(() => import("@/routes/run"), "RunPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([home, run, material]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
