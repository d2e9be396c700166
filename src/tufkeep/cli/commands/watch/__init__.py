"""What is signed, by whom, until when, and whether all of it is right."""
