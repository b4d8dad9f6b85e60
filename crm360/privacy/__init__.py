"""What people may demand about their data: requests as cases, each with its deadline."""
