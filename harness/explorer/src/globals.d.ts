/** Whether this is the build for the static export, which has no server. */
declare const EXPORTED: boolean;
