// Logos on their way to the server, and the addresses of the pictures it makes of them.

import { type Logo, call, rawBody } from '@slipway/api';
import { api } from '$lib/api';

export const LOGO_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml'];
export const LOGO_MAX_BYTES = 5_000_000;
export type LogoPicture = 'logo' | 'circle' | 'squircle' | 'rounded' | 'monochrome' | 'splash';

/** Why a file cannot be a logo, or null. Asked before five megabytes travel for nothing. */
export function refuseLogo(file: Pick<File, 'type' | 'size'>): string | null {
  if (!LOGO_TYPES.includes(file.type)) return 'A logo is a PNG, JPEG, WebP or SVG image';
  if (file.size > LOGO_MAX_BYTES) return 'The image is larger than 5 MB';
  return null;
}

export function uploadLogo(file: File): Promise<Logo> {
  return call(api.POST('/api/v1/logos', rawBody(file)));
}

export function logoUrl(hash: string, name: LogoPicture): string {
  return `/api/v1/logos/${encodeURIComponent(hash)}/previews/${name}.png`;
}
