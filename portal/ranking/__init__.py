"""年度排名: firms of a tenant by the engagements of a year, with grades; never an entry barrier."""
