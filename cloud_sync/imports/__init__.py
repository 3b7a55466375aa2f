"""An owner's files: kept while they are looked at, planned against what the shop has, and taken."""
