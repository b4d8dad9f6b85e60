"""What customers say when they are asked: surveys, whom they were put to, answers."""
