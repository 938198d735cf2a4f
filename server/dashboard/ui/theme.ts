/** Mantine in this product's clothes: one accent, one typeface, small radii. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const petrol: MantineColorsTuple = [
  '#eaf6f9',
  '#d5e9ee',
  '#abd3de',
  '#86cbdb',
  '#5cacbf',
  '#3d93a8',
  '#267a90',
  '#176276',
  '#0f4c5c',
  '#08323d',
];

export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 8, dark: 6 },
  autoContrast: true,
  colors: { petrol },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Code', 'DejaVu Sans Mono', Menlo, monospace",
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
});

/** Nonce of this page load, for the style elements that Mantine and its overlays make at run time. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}
