"""Values in the form they are compared in: e-mail, phone, name, address, identifiers. Pure; keeps no originals."""
