"""Who is who in a whole table at once: the batch form of identity resolution, on arrays. Pure: no database."""
