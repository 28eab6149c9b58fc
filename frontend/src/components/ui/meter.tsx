/** How far something has come; without a value, that it moves. */
export function Meter({ value, label }: { value: number | null; label: string }) {
  return (
    <span
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(value === null ? {} : { "aria-valuenow": Math.round(value * 100) })}
      className="relative block h-1 w-24 shrink-0 overflow-hidden rounded-full bg-line-strong"
    >
      {value === null ? (
        <span className="absolute inset-y-0 left-0 w-1/3 animate-sweep rounded-full bg-accent" />
      ) : (
        <span
          className="absolute inset-y-0 left-0 rounded-full bg-accent transition-[width] duration-300"
          style={{ width: `${Math.max(3, value * 100)}%` }}
        />
      )}
    </span>
  );
}
