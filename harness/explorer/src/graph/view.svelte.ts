/** How a drawing is shifted and scaled to be seen. */

export class View {
  x = $state(0);
  y = $state(0);
  scale = $state(1);
  width = $state(0);
  height = $state(0);

  readonly transform = $derived(`translate(${this.x} ${this.y}) scale(${this.scale})`);

  /** Shows all of a drawing of that size, in its own size at the most. */
  fit(width: number, height: number, least = 0): void {
    if (this.width === 0 || width === 0) return;
    const fitting = Math.min((this.width - 2 * MARGIN) / width, (this.height - 2 * MARGIN) / height, 1);
    this.scale = Math.max(fitting, least, LEAST);
    this.x = (this.width - width * this.scale) / 2;
    this.y = (this.height - height * this.scale) / 2;
  }

  /** Brings a place to the middle, as far as the drawing does not fit beside it. */
  centre(x: number, y: number, width: number, height: number): void {
    this.x = along(this.width, width * this.scale, x * this.scale);
    this.y = along(this.height, height * this.scale, y * this.scale);
  }

  /** Moves as little as is needed for a place to be in view. */
  reveal(x: number, y: number, margin = 60): void {
    const [sx, sy] = [x * this.scale + this.x, y * this.scale + this.y];
    this.x += Math.max(0, margin - sx) - Math.max(0, sx - (this.width - margin));
    this.y += Math.max(0, margin - sy) - Math.max(0, sy - (this.height - margin));
  }

  /** Scales around a point of the view, its middle unless told. */
  zoom(factor: number, x = this.width / 2, y = this.height / 2): void {
    const scale = Math.min(Math.max(this.scale * factor, LEAST), MOST);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
  }
}

function along(room: number, size: number, at: number): number {
  if (size <= room - 2 * MARGIN) return (room - size) / 2;
  return Math.min(MARGIN, Math.max(room - MARGIN - size, room / 2 - at));
}

const MARGIN = 24;
const LEAST = 0.05;
const MOST = 4;
