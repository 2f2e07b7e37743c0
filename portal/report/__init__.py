"""Pages that look across slices: the home of each role, search, the record of what happened."""
