import { Link } from "@tanstack/react-router";
import { buttonClass } from "@/components/ui/button";

/** An address at which there is nothing. */
export function NotFound() {
  return (
    <div className="m-auto max-w-sm space-y-3 p-6 text-center">
      <h1 className="text-lg font-semibold">There is nothing here</h1>
      <p className="text-muted">The address may be mistyped, or what stood here was removed.</p>
      <Link to="/" className={buttonClass("primary")}>
        All runs
      </Link>
    </div>
  );
}
