/** Exact decimals as the API writes them: `-1200.50`. Amounts never pass through floating point. */
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** The exact sum, with as many decimals as the longest of them; null if one is not a plain decimal. */
export function sumDecimals(values: readonly string[]): string | null {
  const parts: { sign: string; whole: string; fraction: string }[] = [];
  for (const value of values) {
    const match = DECIMAL.exec(value);
    if (!match) return null;
    parts.push({ sign: match[1] ?? "", whole: match[2] ?? "0", fraction: match[3] ?? "" });
  }
  const scale = Math.max(0, ...parts.map((part) => part.fraction.length));
  let sum = 0n;
  for (const part of parts) {
    sum += BigInt(`${part.sign}${part.whole}${part.fraction.padEnd(scale, "0")}`);
  }
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale ? `.${digits.slice(-scale)}` : "";
  return `${sum < 0n ? "-" : ""}${whole}${fraction}`;
}

/** The same digits with the locale's separators: `1200.5` becomes `1,200.50` where two decimals are asked. */
export function formatDecimal(value: string, minimumDecimals = 0, locale?: string): string {
  const match = DECIMAL.exec(value);
  if (!match) return value;
  const [, sign = "", whole = "0", fraction = ""] = match;
  const parts = new Intl.NumberFormat(locale).formatToParts(12345.6);
  const separator = (type: "group" | "decimal", otherwise: string) =>
    parts.find((part) => part.type === type)?.value ?? otherwise;
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, separator("group", ""));
  const decimals = fraction.padEnd(minimumDecimals, "0");
  return `${sign ? "−" : ""}${grouped}${decimals ? separator("decimal", ".") + decimals : ""}`;
}
