/** A picture in pixels. */

/** Browsers draw no canvas that is longer than this on one side. */
const LONGEST = 16_384;

/** At the scale asked for, or a lower one where the picture would be too large; a refusal where it would be unreadable. */
export async function png(svg: string, scale = 2): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    const fitting = Math.min(scale, LONGEST / width, LONGEST / height);
    if (fitting < Math.min(scale, 0.5)) throw new Error("the picture is too large for pixels: take it as SVG");
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * fitting);
    canvas.height = Math.round(height * fitting);
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("this browser draws no pictures");
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (blob === null) throw new Error("this browser makes no PNG");
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}
