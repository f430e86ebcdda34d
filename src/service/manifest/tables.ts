/** The table of `manifest`. */
export type ManifestTables = {
  manifests: ManifestsTable
}

/** Each content that the manifest of this deployment has had. */
interface ManifestsTable {
  /** The last part of the version: it rises with each content. */
  sequence: number
  /** The release that wrote it, as one number. */
  release: number
  /** SHA-256 of the manifest without its version. */
  digest: Buffer
}
