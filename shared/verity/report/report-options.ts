export interface ReportOptions {
  /** False: no path or name of an image, a store or a file is in it, so that it can be shared. */
  readonly paths: boolean;
}
