/** Which hardware draws WebGL here. */

export interface Renderer {
  /** Null where there is no WebGL at all. */
  name: string | null;
  /** Whether it is hardware; a renderer of software takes the main thread's time. */
  hardware: boolean;
}

export function renderer(): Renderer {
  const canvas = document.createElement("canvas");
  const gl = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
  if (gl === null) return { name: null, hardware: false };
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(told === null ? gl.RENDERER : told.UNMASKED_RENDERER_WEBGL));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return { name, hardware: !SOFTWARE.test(name) };
}

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
