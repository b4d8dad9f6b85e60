"""Whether this installation is well, and what to do when it is not: read by `flask doctor` and by the administrator's pages."""
