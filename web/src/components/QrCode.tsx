// SPDX-License-Identifier: ISC
// A QR code, drawn as one path: dark on light in both themes, or cameras do not
// read it.
import qrcode from 'qrcode-generator';
import './factors.css';

const QUIET = 4;

export function QrCode({ text, label }: { text: string; label: string }) {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  let path = '';
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      if (code.isDark(y, x)) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
  const all = size + 2 * QUIET;
  return (
    <svg class="qr" viewBox={`0 0 ${all} ${all}`} role="img" aria-label={label}
      shape-rendering="crispEdges">
      <rect width={all} height={all} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
