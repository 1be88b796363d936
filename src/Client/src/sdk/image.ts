import { BridgeError } from './types.js';

/** Longest side and size that are sent: a realtime model sees no more, and the server takes 200,000 characters. */
const longestSide = 1024;
const maxChars = 196_000;

/** The picture as a data URL that fits the channel: as it is when small enough, else scaled down, else coarser. */
export async function toDataUrl(image: Blob | HTMLCanvasElement | HTMLVideoElement | string): Promise<string> {
  if (typeof image === 'string') {
    if (!/^data:image\/(png|jpeg);base64,/.test(image))
      throw new BridgeError('bad_image', 'A picture as text must be a data URL of PNG or JPEG.');
    if (image.length <= maxChars) return image;
    return toDataUrl(await (await fetch(image)).blob());
  }
  const bitmap = await createImageBitmap(image).catch((cause: unknown) => {
    throw new BridgeError('bad_image', 'This is no picture that the browser can read.', { cause });
  });
  try {
    for (const [side, quality] of [
      [longestSide, 0.85],
      [longestSide, 0.6],
      [640, 0.6],
      [384, 0.5],
    ] as const) {
      const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
      const canvas = document.createElement('canvas');
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      const url = canvas.toDataURL('image/jpeg', quality);
      if (url.length <= maxChars) return url;
    }
  } finally {
    bitmap.close();
  }
  throw new BridgeError('image_too_large', 'The picture is too large, even scaled down.');
}
