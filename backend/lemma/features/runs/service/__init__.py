"""What can be done with runs, one file for each: begin, follow, manage, export."""
