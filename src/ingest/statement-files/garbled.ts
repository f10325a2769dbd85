/**
 * How versions before 0.5 read text that is not UTF-8: byte by byte as UTF-8, with a replacement character for what is
 * none. The ids of rows that they imported are hashes of that.
 */

/** Creates a function that garbles a cell of a file in the encoding. */
export function createGarbler(encoding: string): (cell: string) => string {
  if (encoding.startsWith('utf')) return (cell) => cell;
  const bytes = readBytes(encoding);
  return (cell) =>
    Buffer.concat(Array.from(cell, (sign) => bytes.get(sign) ?? Buffer.from(sign))).toString('utf8');
}

/** The bytes of each character that takes one or two. */
function readBytes(encoding: string): ReadonlyMap<string, Uint8Array> {
  const decoder = new TextDecoder(encoding);
  const bytes = new Map<string, Uint8Array>();
  const add = (...given: number[]): void => {
    const text = decoder.decode(Uint8Array.from(given));
    if (Array.from(text).length === 1 && !bytes.has(text)) bytes.set(text, Buffer.from(given));
  };
  for (let first = 0; first <= 0xff; first += 1) add(first);
  for (let first = 0x81; first <= 0xfe; first += 1)
    for (let second = 0x40; second <= 0xfe; second += 1) add(first, second);
  return bytes;
}
