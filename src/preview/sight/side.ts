/** The side of the squares that cover a picture, so that about fifteen lie along it, each half over the next. */
export const defaultSide = ({ height, width }: { readonly height: number; readonly width: number }): number =>
  Math.max(1, Math.round(Math.max(height, width) / 8));
