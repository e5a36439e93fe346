/** Blocks as files in a directory. */
module com.example.folder {
  requires io.pagoda.api;

  provides io.pagoda.spi.tier.TierProvider with
      com.example.folder.FolderTierProvider;
}
