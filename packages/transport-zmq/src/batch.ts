// What one ZeroMQ message holds. One part: one frame, as it is. Two parts: the lengths of several frames (32 bits, little
// endian), and their bytes one after another. Copying small frames together is several times faster than one part each.

/** How many bytes of frames go into one message, unless a single frame is larger. */
export const batchBytesMax: number = 256 * 1024;
/** How many frames go into one message. */
export const batchFramesMax = 4096;

/** The message that carries these frames; one frame isn't copied. */
export function pack(frames: Uint8Array[]): Uint8Array[] {
  if (frames.length === 1) return frames;
  let bytes = 0;
  for (const frame of frames) bytes += frame.byteLength;
  const lengths = Buffer.allocUnsafe(4 * frames.length);
  const body = Buffer.allocUnsafe(bytes);
  let at = 0;
  frames.forEach((frame, index) => {
    lengths.writeUInt32LE(frame.byteLength, 4 * index);
    body.set(frame, at);
    at += frame.byteLength;
  });
  return [lengths, body];
}

/** Hands each frame of a message to `deliver`. Returns how many, or -1 (and delivers nothing) if no peer packed it so. */
export function unpack(parts: readonly Buffer[], deliver: (frame: Uint8Array) => void): number {
  const [lengths, body] = parts;
  if (lengths === undefined || parts.length > 2) return -1;
  if (body === undefined) {
    deliver(lengths);
    return 1;
  }
  if (lengths.byteLength % 4 !== 0) return -1;
  let bytes = 0;
  for (let at = 0; at < lengths.byteLength; at += 4) bytes += lengths.readUInt32LE(at);
  if (bytes !== body.byteLength) return -1;
  let from = 0;
  for (let at = 0; at < lengths.byteLength; at += 4) {
    const to = from + lengths.readUInt32LE(at);
    deliver(body.subarray(from, to));
    from = to;
  }
  return lengths.byteLength / 4;
}
