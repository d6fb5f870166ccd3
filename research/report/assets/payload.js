"use strict";
// Undo research/report/payload.py: base64 -> gzip -> header + arrays.

async function inflate(id) {
  const text = document.getElementById(id).textContent;
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

class RunData {
  constructor(buffer) {
    const size = new DataView(buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
    this.buffer = buffer;
    this.start = 4 + size;
    this.arrays = header.arrays;
    this.meta = header.meta;
    this.decoded = {};
  }

  has(name) { return name in this.arrays; }

  get(name) {
    if (!(name in this.decoded)) this.decoded[name] = this.decode(this.arrays[name]);
    return this.decoded[name];
  }

  decode({ kind, count, offset, step }) {
    const start = this.start + offset;
    if (kind === "f64") return new Float64Array(this.buffer.slice(start, start + 8 * count));
    const planes = new Uint8Array(this.buffer, start, 5 * count);
    const perUnit = step < 1 ? Math.round(1 / step) : 1;   // dividing keeps 1.08345 exact, multiplying does not
    const values = new Float64Array(count);
    for (let i = 0, whole = 0; i < count; i++) {
      let folded = 0;
      for (let p = 4; p >= 0; p--) folded = folded * 256 + planes[p * count + i];
      whole += folded % 2 ? -(folded + 1) / 2 : folded / 2;
      values[i] = step < 1 ? whole / perUnit : whole * step;
    }
    return values;
  }

  candles(index) {
    if (!this.has(`p.${index}.ts`)) return null;
    const part = (key) => this.get(`p.${index}.${key}`);
    return { ts: part("ts"), o: part("o"), h: part("h"), l: part("l"), c: part("c") };
  }
}
