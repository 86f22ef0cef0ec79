/* Files of the sample firm, made of nothing: pictures as PNG, letters as PDF. */
import { deflateSync } from 'node:zlib';

const SIZE = 160;

const CRC = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1; return n; });
const crc = (bytes) => ~bytes.reduce((c, b) => CRC[(c ^ b) & 255] ^ (c >>> 8), -1);

function chunk(name, data) {
    const body = Buffer.concat([Buffer.from(name), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeInt32BE(crc(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A square picture; `paint` gives the colour [r, g, b] of a place, -1 to 1 from left and top. */
function png(paint) {
    const head = Buffer.alloc(13);
    head.writeUInt32BE(SIZE, 0);
    head.writeUInt32BE(SIZE, 4);
    head.set([8, 2, 0, 0, 0], 8);
    const rows = Array.from({ length: SIZE }, (_, y) => [0, ...Array.from({ length: SIZE }, (_, x) => paint(x / SIZE * 2 - 1, y / SIZE * 2 - 1).map(Math.round)).flat()]);
    return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.from(rows.flat()))), chunk('IEND', Buffer.alloc(0))]);
}

/** 1 within, 0 beyond the edge, a soft step between. */
const within = (d) => Math.min(1, Math.max(0, 0.5 - d * SIZE / 4));
const mix = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);
const hue = (n) => [0, 2, 4].map((k) => 128 + 90 * Math.cos((n / 6) * 2 * Math.PI - k * 2.0944));

/** Somebody from the shoulders up, before a wall; `n` says who. */
export function portrait(n) {
    const skin = [[242, 212, 188], [224, 178, 143], [181, 128, 92], [120, 82, 60]][n % 4];
    const hair = [[58, 42, 32], [120, 84, 44], [36, 34, 38], [168, 138, 92], [150, 150, 154]][n % 5];
    const wall = mix(hue(n), [235, 235, 230], 0.65);
    const coat = mix(hue(n + 2), [40, 44, 52], 0.55);
    return png((x, y) => {
        let c = mix(wall, [250, 250, 248], (1 - y) / 4);
        c = mix(c, hair, within(Math.hypot(x, (y + 0.3) * 0.85) - 0.47));
        c = mix(c, coat, within(Math.hypot(x * 0.95, (y - 1.15) * 0.9) - 0.78));
        c = mix(c, skin, within(Math.hypot(x * 2.6, y - 0.32) - 0.34));
        c = mix(c, skin, within(Math.hypot(x * 1.1, (y + 0.14) * 0.86) - 0.38));
        return mix(c, hair, within(Math.max(Math.hypot(x, (y + 0.3) * 0.85) - 0.47, y + 0.32 + x * (n % 2 ? 0.25 : -0.25))));
    });
}

/** The sign of a firm. */
export function logo(n) {
    const [dark, light] = [mix(hue(n), [20, 30, 40], 0.45), mix(hue(n), [255, 255, 255], 0.55)];
    const shapes = [
        (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.5 + 0.35 * (x > 0 && y < 0),
        (x, y) => Math.abs(Math.hypot(x, y) - 0.45) - 0.14,
        (x, y) => Math.max(Math.abs(x) * 1.2 - (y + 0.6) / 2, y - 0.5),
        (x, y) => Math.min(Math.abs(y + 0.25), Math.abs(y - 0.25)) - 0.12 + Math.max(0, Math.abs(x) - 0.6),
    ];
    return png((x, y) => mix(dark, light, within(shapes[n % shapes.length](x, y))));
}

/** A letter of one page. */
export function pdf(lines) {
    const escape = (s) => s.replace(/[\\()]/g, '\\$&');
    const text = `BT /F 12 Tf 16 TL 60 770 Td ${lines.map((l) => `(${escape(l)}) Tj T*`).join(' ')} ET`;
    const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
        '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>',
        `<< /Length ${text.length} >>\nstream\n${text}\nendstream`, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'];
    let out = '%PDF-1.4\n';
    const at = objects.map((o, i) => { const here = out.length; out += `${i + 1} 0 obj\n${o}\nendobj\n`; return here; });
    const table = at.map((n) => `${String(n).padStart(10, '0')} 00000 n \n`).join('');
    return Buffer.from(`${out}xref\n0 6\n0000000000 65535 f \n${table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${out.length}\n%%EOF\n`, 'latin1');
}
