// Writes a gzip beside each file that gains by it: the server sends what is there and packs nothing itself.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';

const folder = process.argv[2];
for (const name of readdirSync(folder).filter((name) => /\.(js|css|svg)$/.test(name))) {
  const plain = readFileSync(join(folder, name));
  const packed = gzipSync(plain, { level: constants.Z_BEST_COMPRESSION });
  if (packed.length < plain.length) writeFileSync(join(folder, `${name}.gz`), packed);
}
