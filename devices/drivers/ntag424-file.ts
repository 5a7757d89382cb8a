/**
 * What we keep in the file of an NTAG 424 DNA: an NDEF record of unknown type, so that a phone opens nothing, with two gaps that
 * the chip fills at every read (NT4H2421Gx §9.3): UID and counter under the shared key, and a MAC under the card's own.
 *
 *   00 43 · D5 00 40 · picc_data=<32 digits>&cmac=<16 digits>
 */
export const ntagFileNumber = 0x02;

const [piccLabel, piccDigits, macLabel, macDigits] = ["picc_data=", 32, "&cmac=", 16] as const;
const payload = `${piccLabel}${"0".repeat(piccDigits)}${macLabel}${"0".repeat(macDigits)}`;
const record = [0xd5, 0x00, payload.length, ...new TextEncoder().encode(payload)];

/** As it is written; the chip replaces the zeros when the file is read. */
export const ntagFile: Uint8Array = Uint8Array.from([0x00, record.length, ...record]);

/** The record's text, gaps filled, in what the chip answers to a read. */
export const ntagText = (file: Uint8Array): string => Buffer.from(file.subarray(2 + 3)).toString("latin1");

const piccOffset = 2 + 3 + piccLabel.length;
const macOffset = piccOffset + piccDigits + macLabel.length;
const offset = (at: number): readonly number[] => [at & 0xff, (at >> 8) & 0xff, at >> 16];

/**
 * The file's settings for ChangeFileSettings (NT4H2421Gx §10.7.1): read by anybody, written and set with key 0; UID and counter
 * mirrored under key 1, the MAC under key 2, which alone may ask for the counter.
 */
export const ntagFileSettings: Uint8Array = Uint8Array.from([
  0x40, // mirrors on, plain
  ...[0x00, 0xe0], // read-write 0, change 0; read free, write 0
  0xc1, // UID and counter, in ASCII
  ...[0xf2, 0x12], // counter 2; UID and counter under 1, MAC under 2
  ...offset(piccOffset),
  ...offset(macOffset), // the MAC covers no text of ours
  ...offset(macOffset),
]);

/** Whether GetFileSettings answers what `ntagFileSettings` sets: type and size of the file stand between. */
export function isOurNtagFile(settings: Uint8Array): boolean {
  const [option, access, mirrors] = [settings.subarray(1, 2), settings.subarray(2, 4), settings.subarray(7)];
  return Buffer.compare(Uint8Array.from([...option, ...access, ...mirrors]), ntagFileSettings) === 0;
}
