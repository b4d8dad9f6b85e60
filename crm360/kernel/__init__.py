"""Ground floor: database bridge, errors, clock, ids, money, paging, signing. Knows no customer."""
