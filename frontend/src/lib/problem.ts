import type { Problem } from "./types";

/** An answer of the API that is not a success: its problem object (RFC 9457). */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "ApiProblem";
    this.problem = problem;
  }
}

/** Reads what came back, whatever it is, as a problem with a sentence that helps. */
export function toProblem(body: unknown, status: number): Problem {
  if (typeof body === "object" && body !== null && "detail" in body) {
    const { detail } = body as { detail: unknown };
    if (typeof detail === "string")
      return { title: "Error", code: "error", status, ...body } as Problem;
  }
  return {
    type: "about:blank",
    title: "The server gave no usable answer",
    code: "bad_answer",
    status,
    detail:
      status === 0
        ? "The server cannot be reached. Check that it is running, then try again."
        : `The server answered with status ${status}. Try again in a moment.`,
  };
}

/** The sentence to show for any failure. */
export function sentence(error: unknown): string {
  if (error instanceof ApiProblem) return error.problem.detail;
  return toProblem(null, 0).detail;
}
