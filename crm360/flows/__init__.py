"""Stories that cross rooms, one page each."""
