/** Texts that people and devices send to do harm, or because they are tired: drawn from a seed, so that a failure can be had again. */
import fc from "fast-check";

const known = [
  "<script>document.title='hacked'</script>",
  "<img src=x onerror=document.title='hacked'>",
  "\"><svg/onload=document.title='hacked'>",
  "javascript:document.title='hacked'",
  '=HYPERLINK("http://evil.example","x")',
  "@SUM(1+1)*cmd|' /C calc'!A0",
  "'; DROP TABLE members; --",
  "1 OR 1=1",
  "../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "\u0000\u0001\u0007",
  "\u202egnp.exe",
  "\ud800",
  "{{constructor.constructor('return 1')()}}",
  `$${"{7*7}"}`,
  "__proto__",
  "constructor",
  "%s%n%x",
  "\r\nset-cookie: a=b",
  "A".repeat(10_000),
  "ā".repeat(5000),
  "🦊".repeat(60),
  "NaN",
  "-1",
  "9007199254740993",
  "2026-02-30",
  "",
  " ",
] as const;

/** The known ones first, then as many more as asked for. */
export function hostileTexts(count: number, seed: number): readonly string[] {
  const mixed = fc.oneof(
    fc.constantFrom(...known),
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.tuple(fc.constantFrom(...known.slice(0, 6)), fc.string({ unit: "grapheme", maxLength: 40 })).map((parts) => parts.join("")),
  );
  return [...known, ...fc.sample(mixed, { numRuns: Math.max(0, count - known.length), seed })].slice(0, count);
}
