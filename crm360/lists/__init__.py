"""Lists of customers as colleagues keep them: what a list asks for, whom it shows, under which name it is saved."""
