"""What a customer's words sound like: a guess from lexicons, in English and Polish. Pure; never a fact."""
