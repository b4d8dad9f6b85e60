"""What colleagues have to do for customers: tasks, calls, deals, whose customer one is, who is asked to look."""
