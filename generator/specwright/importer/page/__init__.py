"""From a saved documentation page to what it says: first a document of blocks, then one recogniser for each fact."""
