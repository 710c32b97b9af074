"""What other programs read: the status in shapes they already know, public and prepared like the pages."""
