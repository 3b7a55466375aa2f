"""The revisions of the tables, one file each, in the order that each names; a revision that was released stays."""
