import { describe, expect, it } from "vitest";
import { formatDecimal, sumDecimals } from "./decimal";

describe("sumDecimals", () => {
  it("adds what floating point would get wrong", () => {
    expect(sumDecimals(["0.10", "0.20"])).toBe("0.30");
    expect(sumDecimals(["38.00", "7.98", "-45.9"])).toBe("0.08");
  });
  it("keeps every digit of large and negative sums", () => {
    expect(sumDecimals(["9007199254740993", "0.005"])).toBe("9007199254740993.005");
    expect(sumDecimals(["-1.05", "0.05"])).toBe("-1.00");
    expect(sumDecimals(["-0.07"])).toBe("-0.07");
  });
  it("says so when a value is no decimal", () => {
    expect(sumDecimals(["1", "about 2"])).toBeNull();
    expect(sumDecimals([])).toBe("0");
  });
});

describe("formatDecimal", () => {
  it("groups by locale and pads decimals", () => {
    expect(formatDecimal("1234567.5", 2, "en")).toBe("1,234,567.50");
    expect(formatDecimal("1234567.5", 2, "de")).toBe("1.234.567,50");
    expect(formatDecimal("-12", 2, "en")).toBe("−12.00");
  });
  it("cuts no digits and leaves other text alone", () => {
    expect(formatDecimal("0.12345", 2, "en")).toBe("0.12345");
    expect(formatDecimal("n/a", 2, "en")).toBe("n/a");
  });
});
